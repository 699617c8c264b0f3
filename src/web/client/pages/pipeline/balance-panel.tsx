import { useState } from 'react';
import type { StageStatus } from '../../../messages.ts';
import { Panel } from '../../components/panel.tsx';
import { isConsistent } from '../../state/completeness.ts';
import { formatCount, formatNamedZone } from '../../state/format.ts';
import type { PageProps } from '../page-props.ts';
import { type BalanceView, balanceOf } from './balance.ts';
import { usePipelineWords } from './use-pipeline-words.ts';
import type { PipelineWords } from './words.ts';

/** Whether everything that was read has arrived: the sum that shows it, and what it means in a sentence. */
export function BalancePanel({ state, condition, now }: Pick<PageProps, 'state' | 'condition' | 'now'>) {
  const { t } = usePipelineWords();
  const { status, agreedAt } = state;
  const view = balanceOf(useAgreed(status), { agreedAt, condition, now });
  const [headline, tone, explanation] = wordsOf(view, t);
  return (
    <Panel
      className="balance"
      title={t.title}
      aside={<span className="panel-aside">{t.zone(formatNamedZone(now))}</span>}
    >
      <p className="balance-line">
        <strong className={tone}>{headline}</strong>
        <Sum {...view} />
      </p>
      <p className="balance-why">{explanation}</p>
    </Panel>
  );
}

// Stages report one after the other: for a blink their numbers differ without anything being wrong.
const patience = 1_500;

/** The status whose numbers are shown: the one before, for as long as this may be such a blink. */
function useAgreed(status: StageStatus): StageStatus {
  const [agreed, setAgreed] = useState({ status, at: Date.now() });
  if (!isConsistent(status)) return Date.now() - agreed.at < patience ? agreed.status : status;
  if (agreed.status !== status) setAgreed({ status, at: Date.now() });
  return status;
}

function wordsOf({ verdict }: BalanceView, t: PipelineWords): [headline: string, tone: string, explanation: string] {
  switch (verdict.kind) {
    case 'complete':
      return [`✓ ${verdict.ended ? t.verdicts.ended : t.verdicts.complete}`, 'good', t.explain.complete];
    case 'behind':
      return [`! ${t.verdicts.behind(formatCount(verdict.missing))}`, 'warn', t.explain.behind];
    default:
      return [t.verdicts[verdict.kind], '', t.explain[verdict.kind]];
  }
}

/** `read 10,120 = rejected 3 + late 0 + counted 10,017 + in flight 100`, and `counted = stored`. */
function Sum({ balance, counted, stored }: BalanceView) {
  const { t } = usePipelineWords();
  return (
    <>
      {balance && (
        <span className="sum">
          <Term name={t.read} value={balance.read} />
          <Sign sign="=" name={t.equals} />
          <Term name={t.rejected} value={balance.rejected} warn={balance.rejected > 0} />
          <Sign sign="+" name={t.plus} />
          <Term name={t.late} value={balance.late} warn={balance.late > 0} />
          <Sign sign="+" name={t.plus} />
          <Term name={t.counted} value={balance.counted} />
          <Sign sign="+" name={t.plus} />
          <Term name={t.inFlight} value={balance.inFlight} />
        </span>
      )}
      {stored !== undefined && (
        <span className="sum">
          {counted !== undefined && (
            <>
              <Term name={t.counted} value={counted} />
              <Sign sign={counted === stored ? '=' : '≠'} name={counted === stored ? t.equals : t.differs} />
            </>
          )}
          <Term name={t.stored} value={stored} />
        </span>
      )}
    </>
  );
}

const Term = ({ name, value, warn = false }: { name: string; value: number; warn?: boolean }) => (
  <span>
    {name} <b className={warn ? 'warn' : undefined}>{formatCount(value)}</b>
  </span>
);

const Sign = ({ sign, name }: { sign: string; name: string }) => (
  <span className="sign" role="img" aria-label={name}>
    {sign}
  </span>
);
