import { type ReactNode, useId, useSyncExternalStore } from 'react';
import type { PipelineInfo } from '../../../messages.ts';
import { Panel } from '../../components/panel.tsx';
import { useSettings } from '../../components/settings.ts';
import { RangePicker } from './range-picker.tsx';
import { ValuePicker } from './value-picker.tsx';
import type { Naming, ValueGroup } from './values.ts';
import { type ChartView, chartTypes, type Period, units } from './view.ts';
import { chartsWords } from './words.ts';

interface ControlsProps {
  view: ChartView;
  pipelines: readonly PipelineInfo[];
  pipeline: PipelineInfo;
  naming: Naming;
  groups: readonly ValueGroup[];
  period: Period | undefined;
  onChange: (change: Partial<ChartView>) => void;
}

const narrow = matchMedia('(max-width: 999px)');
const onNarrow = (listener: () => void) => {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
};
export const useNarrow = () => useSyncExternalStore(onNarrow, () => narrow.matches);

/** All that can be chosen, in the order in which a reader asks: of what, how, when. */
export function Controls({ view, pipelines, pipeline, naming, groups, period, onChange }: ControlsProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const isPie = view.type === 'pie';
  const pipelineId = useId();
  const fields = (
    <div className="chart-fields">
      <label htmlFor={pipelineId} className="charts-visually-hidden">
        {t.pipeline}
      </label>
      <select
        id={pipelineId}
        className="charts-field"
        value={pipeline.name}
        // What was chosen of one pipeline says nothing of another.
        onChange={({ target }) =>
          onChange({ pipeline: target.value, values: undefined, top: undefined, hidden: [], zoom: undefined })
        }
      >
        {pipelines.map(({ name, title }) => (
          <option key={name} value={name}>
            {title[language]}
          </option>
        ))}
      </select>
      <ValuePicker view={view} pipeline={pipeline} naming={naming} groups={groups} onChange={onChange} />
      <Choice
        name={t.type}
        choices={chartTypes}
        chosen={view.type}
        words={t.types}
        onChoose={(type) => onChange({ type })}
      />
      {!isPie && (
        <Choice
          name={t.unit}
          choices={units}
          chosen={view.unit}
          words={t.units}
          onChoose={(unit) => onChange({ unit })}
        />
      )}
      <label className="charts-tick" title={view.range === 'all' ? t.compareAll : undefined}>
        <input
          type="checkbox"
          checked={view.compare && view.range !== 'all'}
          disabled={view.range === 'all'}
          onChange={({ target }) => onChange({ compare: target.checked })}
        />
        {t.compare}
      </label>
      <RangePicker view={view} period={period} onChange={onChange} />
    </div>
  );
  return (
    <Panel className="chart-controls" title={t.title}>
      <Folded summary={t.settings}>{fields}</Folded>
    </Panel>
  );
}

/** On a phone the settings would push the chart off the screen. */
function Folded({ summary, children }: { summary: string; children: ReactNode }) {
  if (!useNarrow()) return children;
  return (
    <details>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}

interface ChoiceProps<T extends string> {
  name: string;
  choices: readonly T[];
  chosen: T;
  words: Record<T, string>;
  onChoose: (choice: T) => void;
}

function Choice<T extends string>({ name, choices, chosen, words, onChoose }: ChoiceProps<T>) {
  return (
    <fieldset className="tools" aria-label={name}>
      {choices.map((choice) => (
        <button key={choice} type="button" aria-pressed={choice === chosen} onClick={() => onChoose(choice)}>
          {words[choice]}
        </button>
      ))}
    </fieldset>
  );
}
