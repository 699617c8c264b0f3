import { Fragment } from 'react';
import { completenessOf } from '../state/completeness.ts';
import type { Condition } from '../state/condition.ts';
import type { FeedState } from '../state/feed.ts';
import { formatCount, formatFineTime } from '../state/format.ts';
import type { Navigation } from '../state/route.ts';
import { PageLink } from './page-link.tsx';
import { useSettings } from './settings.ts';

interface PipelineLineProps {
  state: FeedState;
  condition: Condition;
  now: number;
  navigation: Navigation;
}

/** The bottom line: how many records each stage has had, and whether what is on the wall is complete. */
export function PipelineLine({ state, condition, now, navigation }: PipelineLineProps) {
  const { t } = useSettings();
  const { status, agreedAt } = state;
  const { rowsRead, counted, stored, late, rejected, lag, watermark, unreadable } = status;
  const stages = [
    { name: t.read, value: rowsRead },
    { name: t.counted, value: counted },
    { name: t.stored, value: stored },
  ].filter(({ value }) => value !== undefined);
  const warnings = [
    { name: t.late, value: late, always: true },
    { name: t.rejected, value: rejected, always: true },
    { name: t.unreadable, value: unreadable, always: false },
  ].filter(({ value, always }) => value !== undefined && (always || value > 0));
  return (
    <footer className="pipeline-line">
      {stages.map(({ name, value = 0 }, index) => (
        <Fragment key={name}>
          {index > 0 && (
            <span className="then" aria-hidden="true">
              ▸
            </span>
          )}
          <span>
            {name} <b>{formatCount(value)}</b>
          </span>
        </Fragment>
      ))}
      {condition === 'reconnecting' || condition === 'failed' ? (
        <span className="warn">! {t.outdated}</span>
      ) : (
        <Completeness {...{ status, agreedAt, now, idle: condition !== 'live' }} />
      )}
      <span className="gap" />
      <PageLink page="pipeline" navigation={navigation} className="to-pipeline">
        {t.details}
      </PageLink>
      {warnings.map(({ name, value = 0 }) => (
        <span key={name}>
          {name} <b className={value > 0 ? 'warn' : undefined}>{formatCount(value)}</b>
        </span>
      ))}
      {lag !== undefined && (
        <span>
          {t.lag} <b>{formatCount(lag)}</b>
        </span>
      )}
      {watermark !== undefined && (
        <span>
          {t.watermark} <b>{formatFineTime(watermark)}</b>
        </span>
      )}
    </footer>
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
      {completeness.inFlight > 0 && (
        <span>
          {t.inFlight} <b>{formatCount(completeness.inFlight)}</b>
        </span>
      )}
    </>
  );
}
