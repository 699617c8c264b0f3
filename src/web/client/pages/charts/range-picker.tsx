import { useState } from 'react';
import { useSettings } from '../../components/settings.ts';
import { formatNamedZone } from '../../state/format.ts';
import { fromField, toField } from '../../state/time-field.ts';
import { type ChartView, isLive, type Period, type RangeName, rangeNames } from './view.ts';
import { chartsWords } from './words.ts';

interface RangePickerProps {
  view: ChartView;
  /** What the range covers now. */
  period: Period | undefined;
  onChange: (change: Partial<ChartView>) => void;
}

/** The time that is shown: so long up to now, going on with the clock, or from one moment to another. */
export function RangePicker({ view, period, onChange }: RangePickerProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const live = isLive(view);
  // Where a reader goes back to from a fixed time.
  const [lastLive, setLastLive] = useState<RangeName>('5m');
  const follow = (range: RangeName) => {
    setLastLive(range);
    onChange({ range, zoom: undefined });
  };
  const hold = () => {
    if (typeof view.range === 'string') setLastLive(view.range);
    if (period) onChange({ range: period });
  };
  return (
    <div className="charts-range-picker">
      <fieldset className="tools" aria-label={t.range}>
        {rangeNames.map((name) => (
          <button key={name} type="button" aria-pressed={view.range === name} onClick={() => follow(name)}>
            {t.ranges[name]}
          </button>
        ))}
        <button type="button" aria-pressed={!live} disabled={!period} onClick={hold}>
          {t.fixed}
        </button>
      </fieldset>
      <button
        type="button"
        className="charts-follow"
        aria-pressed={live}
        title={live ? t.hold : t.follow}
        onClick={() => (live ? hold() : follow(lastLive))}
      >
        <span className="live-dot" aria-hidden="true" />
        {t.live}
      </button>
      {typeof view.range !== 'string' && (
        <FixedPeriod
          key={`${view.range.from} ${view.range.to}`}
          period={view.range}
          onChange={(range) => onChange({ range, zoom: undefined })}
        />
      )}
      <span className="charts-zone">{formatNamedZone(period?.to ?? Date.now())}</span>
    </div>
  );
}

function FixedPeriod({ period, onChange }: { period: Period; onChange: (period: Period) => void }) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const [from, setFrom] = useState(toField(period.from));
  const [to, setTo] = useState(toField(period.to));
  const [start, end] = [fromField(from), fromField(to)];
  const isRight = start !== undefined && end !== undefined && start < end;
  // Not at each key: half a year typed is another year.
  const commit = () => {
    const isOther = from !== toField(period.from) || to !== toField(period.to);
    if (isRight && isOther) onChange({ from: start, to: end });
  };
  return (
    <form
      className="charts-fixed-period"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      <label>
        {t.from}
        <input
          type="datetime-local"
          step="1"
          className="charts-field"
          value={from}
          onChange={({ target }) => setFrom(target.value)}
          onBlur={commit}
        />
      </label>
      <label>
        {t.to}
        <input
          type="datetime-local"
          step="1"
          className="charts-field"
          value={to}
          onChange={({ target }) => setTo(target.value)}
          onBlur={commit}
        />
      </label>
      {/* Enter in either field. */}
      <button type="submit" hidden />
      {!isRight && <p role="alert">{t.wrongPeriod}</p>}
    </form>
  );
}
