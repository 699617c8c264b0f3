import { Fragment, type ReactNode, useId } from 'react';
import { formatCount } from '../../state/format.ts';
import { latestOf, type Series } from './rates.ts';
import { Sparkline } from './sparkline.tsx';
import type { StageName, StageState } from './stage-states.ts';
import { usePipelineWords } from './use-pipeline-words.ts';

/** A rate of a stage over the last minute. */
export interface StageRate {
  series: Series;
  unit: string;
  format: (value: number) => string;
}

/** A line of a card: a term and its value; `warn` where it asks for attention. */
export interface StageFact {
  name: string;
  value: ReactNode;
  warn?: boolean;
}

interface StageCardProps {
  name: StageName;
  state: StageState;
  rate: StageRate | undefined;
  facts: readonly (StageFact | undefined)[];
  /** A sentence on what the state means. */
  note: string | undefined;
  faults: number;
}

const signs: Record<StageState, string> = {
  running: '●',
  paused: '❚❚',
  done: '✓',
  waiting: '○',
  lagging: '▲',
  failed: '✕',
  standby: '◐',
  elsewhere: '↗',
  unknown: '?',
};

/** Where the list of faults is on this page. */
export const faultsId = 'faults';

function showFaults() {
  const list = document.getElementById(faultsId);
  list?.scrollIntoView({ block: 'nearest' });
  list?.focus({ preventScroll: true });
}

/** What runs a stage alone: dashctl and this word. */
const commands: Partial<Record<StageName, string>> = {
  produce: 'produce',
  aggregate: 'aggregate',
  store: 'sink',
  pages: 'serve',
};

/** A stage: its state in a word and a sign, its rate, its figures. */
export function StageCard({ name, state, rate, facts, note, faults }: StageCardProps) {
  const { t } = usePipelineWords();
  const id = useId();
  const latest = rate && latestOf(rate.series);
  return (
    <section className="panel stage" aria-labelledby={id} data-stage={name} data-state={state}>
      <header className="stage-header">
        <h3 id={id}>
          {t.stages[name]} {commands[name] && <code>{commands[name]}</code>}
        </h3>
        <span className="stage-state">
          <span className="stage-sign" aria-hidden="true">
            {signs[state]}
          </span>
          {t.states[state]}
        </span>
      </header>
      {rate && (
        <div className="stage-rate">
          <p>
            <strong>{latest === undefined ? '–' : rate.format(latest)}</strong> {rate.unit}
          </p>
          <Sparkline {...rate} />
        </div>
      )}
      {note && <p className="stage-note">{note}</p>}
      <dl>
        {facts.map(
          (fact) =>
            fact && (
              <Fragment key={fact.name}>
                <dt>{fact.name}</dt>
                <dd className={fact.warn ? 'warn' : undefined}>{fact.value}</dd>
              </Fragment>
            ),
        )}
      </dl>
      {faults > 0 && (
        <button type="button" className="stage-faults warn" onClick={showFaults}>
          ! {t.complaints(formatCount(faults))}
        </button>
      )}
    </section>
  );
}
