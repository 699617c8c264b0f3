import { useEffect, useEffectEvent, useId, useState } from 'react';
import type { PipelineInfo } from '../../../messages.ts';
import type { Language } from '../../state/figures.ts';
import { fromField, toField } from '../../state/time-field.ts';
import { nameOf } from './cells.ts';
import { timesOf } from './request.ts';
import { changeView, isFiltered, ranges, resolutions, type TablesView, unfiltered } from './view.ts';
import type { TablesWords } from './words.ts';

interface FiltersProps {
  view: TablesView;
  pipeline: PipelineInfo;
  /** Values that there are, those with most records first. */
  known: readonly string[];
  zone: string;
  language: Language;
  t: TablesWords;
  onView: (view: TablesView) => void;
}

/** What narrows the rows down. Everything but the texts takes effect at once. */
export function Filters({ view, pipeline, known, zone, language, t, onView }: FiltersProps) {
  const change = (part: Partial<TablesView>) => onView(changeView(view, part));
  return (
    <form className="tables-filters" onSubmit={(event) => event.preventDefault()}>
      {view.tab === 'windows' && (
        <Choices
          label={t.resolution}
          choices={resolutions}
          names={t.resolutions}
          current={view.resolution}
          onChoose={(resolution) => change({ resolution })}
        />
      )}
      <Choices
        label={t.range}
        choices={ranges}
        names={t.ranges}
        current={view.range}
        onChoose={(range) => change(range === 'custom' ? { range, ...timesOf(view, Date.now()) } : { range })}
      />
      {view.range === 'custom' && (
        <span className="tables-custom">
          <Moment label={t.from} zone={zone} time={view.from} onTime={(from) => change({ from })} />
          <Moment label={t.to} zone={zone} time={view.to} onTime={(to) => change({ to })} />
        </span>
      )}
      {view.tab === 'values' ? (
        <TextFilter label={t.search} text={view.search} onText={(search) => change({ search })} options={[]} />
      ) : Object.keys(pipeline.labels).length > 0 ? (
        <ValueChoice {...{ view, pipeline, known, language, t }} onKey={(key) => change({ key })} />
      ) : (
        <TextFilter
          label={t.value}
          text={view.key ?? ''}
          onText={(text) => change({ key: text === '' ? undefined : text })}
          options={known.slice(0, 50)}
        />
      )}
      {isFiltered(view) && (
        <button type="button" className="tables-button" onClick={() => onView(unfiltered(view))}>
          {t.noFilter}
        </button>
      )}
    </form>
  );
}

interface ChoicesProps<T extends string> {
  label: string;
  choices: readonly T[];
  names: Record<T, string>;
  current: T;
  onChoose: (choice: T) => void;
}

function Choices<T extends string>({ label, choices, names, current, onChoose }: ChoicesProps<T>) {
  return (
    <fieldset className="tools tables-choices">
      <legend className="unseen">{label}</legend>
      {choices.map((choice) => (
        <button key={choice} type="button" aria-pressed={choice === current} onClick={() => onChoose(choice)}>
          {names[choice]}
        </button>
      ))}
    </fieldset>
  );
}

interface MomentProps {
  label: string;
  zone: string;
  time: number | undefined;
  onTime: (time: number | undefined) => void;
}

function Moment({ label, zone, time, onTime }: MomentProps) {
  return (
    <label>
      {label}
      <input
        type="datetime-local"
        step={1}
        title={zone}
        defaultValue={toField(time)}
        onChange={({ target }) => onTime(fromField(target.value))}
      />
    </label>
  );
}

type ValueChoiceProps = Omit<FiltersProps, 'zone' | 'onView'> & { onKey: (key: string | undefined) => void };

// An option's text begins with a sign, since the empty text is a value like others.
function ValueChoice({ view, pipeline, known, language, t, onKey }: ValueChoiceProps) {
  const labelled = Object.keys(pipeline.labels);
  const others = [...known, ...(view.key === undefined ? [] : [view.key])].filter((key) => !labelled.includes(key));
  return (
    <select
      aria-label={t.value}
      value={view.key === undefined ? '' : `=${view.key}`}
      onChange={({ target }) => onKey(target.value === '' ? undefined : target.value.slice(1))}
    >
      <option value="">{t.everyValue}</option>
      {[...labelled, ...new Set(others)].map((key) => {
        const name = nameOf(key, pipeline, language, t);
        return (
          <option key={key} value={`=${key}`}>
            {name === key || name === t.emptyValue ? name : `${name} (${key === '' ? t.emptyValue : key})`}
          </option>
        );
      })}
    </select>
  );
}

interface TextFilterProps {
  label: string;
  text: string;
  options: readonly string[];
  onText: (text: string) => void;
}

const typingPause = 400;

function TextFilter({ label, text, options, onText }: TextFilterProps) {
  const list = useId();
  const [draft, setDraft] = useState(text);
  const [before, setBefore] = useState(text);
  // What the view says goes before what was typed: the filters were cleared, or another pipeline was chosen.
  if (before !== text) {
    setBefore(text);
    setDraft(text);
  }
  const tell = useEffectEvent(() => onText(draft));
  useEffect(() => {
    if (draft === text) return;
    const timer = setTimeout(tell, typingPause);
    return () => clearTimeout(timer);
  }, [draft, text]);
  return (
    <>
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={draft}
        maxLength={200}
        list={options.length > 0 ? list : undefined}
        onChange={({ target }) => setDraft(target.value)}
        onKeyDown={({ key }) => key === 'Enter' && draft !== text && onText(draft)}
      />
      {options.length > 0 && (
        <datalist id={list}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </>
  );
}
