import type { StageFault } from '../../../messages.ts';
import { Panel } from '../../components/panel.tsx';
import { formatCount, formatMoment } from '../../state/format.ts';
import { faultsId } from './stage-card.tsx';
import { usePipelineWords } from './use-pipeline-words.ts';

/** What the stages complained of, the latest first. */
export function FaultsPanel({ faults }: { faults: readonly StageFault[] }) {
  const { t } = usePipelineWords();
  return (
    <Panel className="faults" title={t.faults}>
      {faults.length === 0 ? (
        <p className="no-faults">
          <span className="good">✓</span> {t.noFaults}
        </p>
      ) : (
        <ol id={faultsId} tabIndex={-1}>
          {faults.map(({ stage, level, count, time, text }) => (
            <li key={`${stage} ${level} ${text}`} data-level={level}>
              <p className="fault-facts">
                <b className={level === 'error' ? 'bad' : 'warn'}>
                  {level === 'error' ? '✕' : '!'} {t.levels[level]}
                </b>
                <b>{t.faultStages[stage] ?? (stage === '' ? t.wholeProcess : stage)}</b>
                <span>{t.times(formatCount(count))}</span>
                <time dateTime={new Date(time).toISOString()}>{formatMoment(time)}</time>
              </p>
              <p className="fault-text" lang="en">
                {text}
              </p>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
