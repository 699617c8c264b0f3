import { Fragment } from 'react';
import { completenessOf } from '../state/completeness.ts';
import { type Condition, isReplay } from '../state/condition.ts';
import type { FeedState } from '../state/feed.ts';
import { formatCount, formatFineTime, formatSpan } from '../state/format.ts';
import type { Navigation } from '../state/route.ts';
import { Icon } from './icons.tsx';
import { PageLink } from './page-link.tsx';
import { useSettings } from './settings.ts';
import { useMarks } from './use-alerts.ts';

interface PipelineLineProps {
  state: FeedState;
  condition: Condition;
  now: number;
  navigation: Navigation;
}

/**
 * The bottom line: how many records each stage has had, and whether what is on the wall is complete. All of it is the
 * link to the pipeline page, whose name stays short: what it lies over is read as the text that it is.
 */
export function PipelineLine({ state, condition, now, navigation }: PipelineLineProps) {
  const { t, language } = useSettings();
  const { status, agreedAt, delay } = state;
  const { rowsRead, counted, stored, late, rejected, lag, watermark, unreadable } = status;
  const isMarked = useMarks();
  const stages = [
    { name: t.read, value: rowsRead },
    { name: t.counted, value: counted },
    { name: t.stored, value: stored },
  ].filter(({ value }) => value !== undefined);
  const warnings = [
    { kind: 'late', value: late, always: true },
    { kind: 'rejected', value: rejected, always: true },
    { kind: 'unreadable', value: unreadable, always: false },
  ] as const;
  return (
    <footer className="pipeline-line">
      {stages.map(({ name, value = 0 }, index) => (
        <Fragment key={name}>
          {index > 0 && (
            <span className="then" aria-hidden="true">
              ▸
            </span>
          )}
          <Item name={name} value={formatCount(value)} />
        </Fragment>
      ))}
      {condition === 'reconnecting' || condition === 'failed' ? (
        <span className="warn">! {t.outdated}</span>
      ) : (
        <Completeness {...{ status, agreedAt, now, idle: condition !== 'live' }} />
      )}
      <span className="gap" />
      {warnings.map(({ kind, value, always }) =>
        value === undefined || (value === 0 && !always) ? null : (
          <Item
            key={kind}
            name={t[kind]}
            value={formatCount(value)}
            warn={value > 0}
            marked={kind !== 'unreadable' && isMarked({ kind })}
          />
        ),
      )}
      {lag !== undefined && <Item name={t.lag} value={formatCount(lag)} />}
      {delay !== undefined && !isReplay(delay) && (
        <Item name={t.delay} value={formatSpan(delay, language)} marked={isMarked({ kind: 'delay' })} />
      )}
      {watermark !== undefined && <Item name={t.watermark} value={formatFineTime(watermark)} />}
      <PageLink page="pipeline" navigation={navigation} className="to-pipeline" name={t.toPipeline}>
        <Icon name="onward" />
      </PageLink>
    </footer>
  );
}

interface ItemProps {
  name: string;
  value: string;
  warn?: boolean;
  marked?: boolean;
}

function Item({ name, value, warn = false, marked = false }: ItemProps) {
  return (
    <span className={marked ? 'marked' : undefined}>
      {name} <b className={warn && !marked ? 'warn' : undefined}>{value}</b>
    </span>
  );
}

type CompletenessProps = Pick<FeedState, 'status' | 'agreedAt'> & { now: number; idle: boolean };

function Completeness({ status, agreedAt, now, idle }: CompletenessProps) {
  const { t } = useSettings();
  const completeness = completenessOf(status, { agreedAt, idle, now });
  if (!completeness) return null;
  if (completeness.kind === 'behind') {
    return (
      <span className="warn">
        ! {t.missing} {formatCount(completeness.missing)}
      </span>
    );
  }
  return (
    <>
      <span className="good">✓ {t.consistent}</span>
      {completeness.inFlight > 0 && <Item name={t.inFlight} value={formatCount(completeness.inFlight)} />}
    </>
  );
}
