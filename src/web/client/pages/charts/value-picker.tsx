import { useState } from 'react';
import type { ValuesAnswer } from '../../../answers.ts';
import type { PipelineInfo } from '../../../messages.ts';
import { useSettings } from '../../components/settings.ts';
import { useAnswer } from '../../state/ask.ts';
import { formatCount } from '../../state/format.ts';
import { Dropdown } from './dropdown.tsx';
import { groupsOf, type Naming, topFor, type ValueGroup } from './values.ts';
import { type ChartView, topChoices } from './view.ts';
import { chartsWords } from './words.ts';

interface ValuePickerProps {
  view: ChartView;
  pipeline: PipelineInfo;
  naming: Naming;
  /** What is drawn now. */
  groups: readonly ValueGroup[];
  onChange: (change: Partial<ChartView>) => void;
}

const mostChosen = 20;
const mostListed = 100;

/** Which values are drawn: so many of those with most records, or some that are ticked one by one. */
export function ValuePicker(props: ValuePickerProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const { view, pipeline } = props;
  const value = view.values ? t.chosenValues(view.values.length) : t.topValues(topFor(pipeline, view.top));
  return (
    <Dropdown name={t.values} value={value}>
      <Picker {...props} />
    </Dropdown>
  );
}

function Picker({ view, pipeline, naming, groups, onChange }: ValuePickerProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const [search, setSearch] = useState('');
  const query = new URLSearchParams({ pipeline: pipeline.name, limit: String(mostListed) });
  if (search.trim()) query.set('search', search.trim());
  const { answer, error } = useAnswer<ValuesAnswer>(`api/values?${query}`);

  const chosen = groups.filter(({ unknown }) => !unknown);
  const counts = Object.fromEntries(answer?.rows.map(({ value, count }) => [value, count]) ?? []);
  const found = groupsOf(
    (answer?.rows ?? []).filter(({ unknown }) => !unknown).map(({ value }) => value),
    pipeline,
    naming,
  );
  const elsewhere = search ? [] : chosen.filter(({ id }) => !found.some((group) => group.id === id));
  const isDrawn = (group: ValueGroup) => chosen.some(({ id }) => id === group.id);
  const toggle = (group: ValueGroup) =>
    onChange({
      values: isDrawn(group)
        ? chosen.map(({ id }) => id).filter((id) => id !== group.id)
        : [...chosen.map(({ id }) => id), group.id],
    });

  return (
    <>
      <label className="charts-picker-top">
        <span>{t.most}</span>
        <select
          value={view.values ? '' : (view.top ?? 'auto')}
          onChange={({ target }) =>
            onChange({ values: undefined, top: topChoices.find((choice) => String(choice) === target.value) })
          }
        >
          {view.values && <option value="">–</option>}
          <option value="auto">
            {t.auto} ({topFor(pipeline, undefined)})
          </option>
          {topChoices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      </label>
      {pipeline.unknown.length > 0 && (
        <label className="charts-tick">
          <input
            type="checkbox"
            checked={view.unknown}
            onChange={({ target }) => onChange({ unknown: target.checked })}
          />
          {t.showUnknown}
        </label>
      )}
      <input
        type="search"
        className="charts-field"
        placeholder={t.search}
        aria-label={t.search}
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      <fieldset className="charts-picker-list" aria-label={t.values}>
        {[...elsewhere, ...found].map((group) => (
          <label key={group.id} className="charts-tick">
            <input
              type="checkbox"
              checked={isDrawn(group)}
              disabled={!isDrawn(group) && chosen.length >= mostChosen}
              onChange={() => toggle(group)}
            />
            <span>{group.name}</span>
            <small>{group.keys.some((key) => key in counts) && formatCount(sumOver(group, counts))}</small>
          </label>
        ))}
        {answer && found.length === 0 && <p>{t.noValues}</p>}
        {error && <p role="alert">{t.failed}</p>}
      </fieldset>
      {chosen.length >= mostChosen && <p className="charts-muted">{t.tooMany(mostChosen)}</p>}
      {view.values && (
        <button type="button" className="charts-field" onClick={() => onChange({ values: undefined })}>
          {t.backToTop}
        </button>
      )}
    </>
  );
}

const sumOver = ({ keys }: ValueGroup, counts: Record<string, number>) =>
  keys.reduce((sum, key) => sum + (counts[key] ?? 0), 0);
