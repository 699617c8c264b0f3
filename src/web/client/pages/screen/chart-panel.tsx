import { useMemo, useRef, useState } from 'react';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { placeOf, pointsOf, windowsInRange } from '../../charts/points.ts';
import { rangesFor } from '../../charts/ranges.ts';
import { savePicture } from '../../charts/save-picture.ts';
import type { SplineInput } from '../../charts/spline-option.ts';
import { nextScale, type YScale } from '../../charts/y-scale.ts';
import { Icon } from '../../components/icons.tsx';
import { LineChart } from '../../components/line-chart.tsx';
import { Panel } from '../../components/panel.tsx';
import { useSettings } from '../../components/settings.ts';
import { genderKeys } from '../../state/figures.ts';
import { formatCount, formatSpan } from '../../state/format.ts';
import type { Words } from '../../state/words.ts';

interface ChartPanelProps {
  pipeline: PipelineInfo;
  windows: readonly WindowPoint[];
  history: number;
  showUnknown: boolean;
}

type LineKind = 'female' | 'male' | 'unknown';
const dashes = { female: 'solid', male: 'dashed', unknown: 'dotted' } as const;

/** Female and male shoppers per second, over the time of their windows. */
export function ChartPanel({ pipeline, windows: arriving, history, showUnknown }: ChartPanelProps) {
  const { t, language } = useSettings();
  const [rangeId, setRangeId] = useState('20');
  const [frozen, setFrozen] = useState<readonly WindowPoint[]>();
  const [hidden, setHidden] = useState<ReadonlySet<LineKind>>(new Set());
  const drawn = useRef<SplineInput>(undefined);
  const windows = frozen ?? arriving;

  const ranges = rangesFor(history, pipeline.window);
  const range = ranges.find(({ id }) => id === rangeId) ?? ranges[0];
  const count = range?.windows ?? 20;
  const shown = useMemo(() => windowsInRange(windows, count, pipeline.window), [windows, count, pipeline.window]);
  const kinds: LineKind[] = showUnknown ? ['female', 'male', 'unknown'] : ['female', 'male'];
  const keysOf = (kind: LineKind) => (kind === 'unknown' ? pipeline.unknown : [genderKeys[kind]]);
  const lines = kinds
    .filter((kind) => !hidden.has(kind))
    .map((kind) => ({
      kind,
      name: t[kind],
      dash: dashes[kind],
      points: pointsOf(shown, keysOf(kind), pipeline.window),
    }));
  const last = shown.at(-1);
  const to = last ? placeOf(last, pipeline.window) : 0;
  const from = to - (count - 1) * pipeline.window;
  const visible = lines.flatMap(({ points }) => points.filter(([time]) => time >= from));
  const peak = visible.reduce((most, [, value]) => Math.max(most, value ?? 0), 0);
  const scale = useScale(peak, last && to, `${rangeId} ${kinds.join()} ${[...hidden].join()}`);

  const title = pipeline.window === 1_000 ? t.perSecond : t.perWindow(formatSpan(pipeline.window, language));
  const rangeName = range?.minutes === undefined ? t.lastWindows : t.minutes(range.minutes);
  const latest = lines.map(({ name, points }) => `${name} ${formatCount(points.at(-1)?.[1] ?? 0)}`).join(', ');
  const toggle = (kind: LineKind) =>
    setHidden((before) => {
      const after = new Set(before);
      if (!after.delete(kind)) after.add(kind);
      return after;
    });

  return (
    <Panel
      className="chart"
      title={title}
      aside={
        <>
          <Legend kinds={kinds} hidden={hidden} onToggle={toggle} t={t} />
          <fieldset className="tools" aria-label={t.range}>
            {ranges.map(({ id, minutes }) => (
              <button key={id} type="button" aria-pressed={id === range?.id} onClick={() => setRangeId(id)}>
                {minutes === undefined ? id : t.minutes(minutes)}
              </button>
            ))}
          </fieldset>
          <div className="tools">
            <button
              type="button"
              aria-label={frozen ? t.resume : t.pause}
              aria-pressed={frozen !== undefined}
              onClick={() => setFrozen(frozen ? undefined : arriving)}
            >
              <Icon name={frozen ? 'resume' : 'pause'} />
            </button>
            <button
              type="button"
              aria-label={t.savePicture}
              onClick={() => drawn.current && savePicture(title, drawn.current)}
            >
              <Icon name="save" />
            </button>
          </div>
        </>
      }
    >
      {frozen && <p className="paused">{t.paused}</p>}
      {last && (
        <LineChart
          label={`${title}. ${t.chartSummary(rangeName, latest)}`}
          lines={lines}
          from={from}
          to={to}
          scale={scale}
          drawn={drawn}
        />
      )}
    </Panel>
  );
}

interface LegendProps {
  kinds: readonly LineKind[];
  hidden: ReadonlySet<LineKind>;
  onToggle: (kind: LineKind) => void;
  t: Words;
}

function Legend({ kinds, hidden, onToggle, t }: LegendProps) {
  return (
    <div className="legend">
      {kinds.map((kind) => (
        <button key={kind} type="button" aria-pressed={!hidden.has(kind)} onClick={() => onToggle(kind)}>
          <svg viewBox="0 0 24 8" aria-hidden="true">
            <path className={`legend-${kind}`} d="M1 4h22" />
          </svg>
          {t[kind]}
        </button>
      ))}
    </div>
  );
}

/** The vertical scale, one step further with each window; what is shown being changed, it starts anew. */
function useScale(peak: number, window: number | undefined, view: string): YScale {
  const held = useRef<{ scale: YScale; window: number | undefined; view: string }>(undefined);
  const before = held.current;
  if (!before || before.view !== view) held.current = { scale: nextScale(undefined, peak), window, view };
  else if (before.window !== window || peak >= before.scale.top)
    held.current = { scale: nextScale(before.scale, peak), window, view };
  return held.current?.scale ?? nextScale(undefined, peak);
}
