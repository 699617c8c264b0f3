import { Fragment } from 'react';
import type { FeedState } from '../../state/feed.ts';
import { formatRate, formatSpan } from '../../state/format.ts';
import type { PageProps } from '../page-props.ts';
import { measured, type Sample, storedPerSecond, windowsPerSecond } from './rates.ts';
import { StageCard, type StageRate } from './stage-card.tsx';
import { factsOf, noteOf } from './stage-facts.tsx';
import { faultsOf, type StageName, stageNames, stageStates } from './stage-states.ts';
import { serverTime } from './times.ts';
import { usePipelineWords } from './use-pipeline-words.ts';

interface FlowProps extends Pick<PageProps, 'state' | 'condition' | 'now'> {
  samples: readonly Sample[];
}

// Windows that are this old when they come out are history that is being replayed; how old is no delay then.
const replayFrom = 3_600_000;

/** The stages in the order of the data, each a card, with arrows between them. */
export function Flow({ state, condition, now, samples }: FlowProps) {
  const { t, language } = usePipelineWords();
  const { status, windows } = state;
  const atServer = serverTime(state, now);
  const states = stageStates(status, condition, atServer);
  const end = newestEnd(windows);
  const newest = end === undefined ? undefined : t.since(atServer - end, language);
  const delay = state.delay === undefined || state.delay >= replayFrom ? undefined : formatSpan(state.delay, language);
  const rate = (series: StageRate['series'], unit: string): StageRate => ({ series, unit, format: formatRate });
  const rates: Record<StageName, StageRate | undefined> = {
    produce: status.produce && rate(measured(samples, 'produce', now), t.units.rows),
    topics: status.broker?.rate === undefined ? undefined : rate(measured(samples, 'broker', now), t.units.records),
    aggregate: status.aggregate && rate(measured(samples, 'aggregate', now), t.units.records),
    results: rate(windowsPerSecond(windows, atServer), t.units.windows),
    store: status.store && rate(storedPerSecond(samples, now), t.units.windows),
    pages:
      delay === undefined
        ? undefined
        : {
            series: measured(samples, 'delay', now),
            unit: t.units.delay,
            format: (value) => formatSpan(value, language),
          },
  };
  return (
    <section className="flow" aria-label={t.flow}>
      {stageNames.map((name, index) => (
        <Fragment key={name}>
          {index > 0 && <Arrow />}
          <StageCard
            name={name}
            state={states[name]}
            rate={rates[name]}
            facts={factsOf[name](status, {
              ...{ t, state: states[name], newest },
              span: (length) => formatSpan(length, language),
            })}
            note={noteOf(name, states[name], status, t)}
            faults={faultsOf(status.faults ?? [], name).reduce((sum, { count }) => sum + count, 0)}
          />
        </Fragment>
      ))}
    </section>
  );
}

function newestEnd(windows: FeedState['windows']): number | undefined {
  const ends = [...windows.values()].flatMap((series) => series.at(-1)?.end ?? []);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

/** The way of the data from one stage to the next; turned downwards where the cards are below each other. */
function Arrow() {
  return (
    <svg className="flow-arrow" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M1 12h20M15 6l6 6-6 6" />
    </svg>
  );
}
