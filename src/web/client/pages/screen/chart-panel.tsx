import { useRef, useState } from 'react';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { pointsOf } from '../../charts/points.ts';
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
import { ChartState } from './chart-state.tsx';
import { Legend, type LineKind } from './legend.tsx';
import { useSeries } from './use-series.ts';

interface ChartPanelProps {
  pipeline: PipelineInfo;
  windows: readonly WindowPoint[];
  history: number;
  showUnknown: boolean;
  rangeId: string;
  onRange: (id: string) => void;
}

const dashes = { female: 'solid', male: 'dashed', unknown: 'dotted' } as const;
const lastTwenty = { id: '20', minutes: undefined, windows: 20 };

/** Female and male shoppers per second, over the time of their windows. */
export function ChartPanel({ pipeline, windows, history, showUnknown, rangeId, onRange }: ChartPanelProps) {
  const { t, language } = useSettings();
  const [hidden, setHidden] = useState<ReadonlySet<LineKind>>(new Set());
  const drawn = useRef<SplineInput>(undefined);

  const ranges = rangesFor(history, pipeline.window);
  const range = ranges.find(({ id }) => id === rangeId) ?? ranges[0] ?? lastTwenty;
  const { points: shown, span, from, to, error, reload } = useSeries(range, pipeline, windows);
  const kinds: LineKind[] = showUnknown ? ['female', 'male', 'unknown'] : ['female', 'male'];
  const keysOf = (kind: LineKind) => (kind === 'unknown' ? pipeline.unknown : [genderKeys[kind]]);
  const lines = kinds
    .filter((kind) => !hidden.has(kind))
    .map((kind) => ({
      kind,
      name: t[kind],
      dash: dashes[kind],
      points: pointsOf(shown ?? [], keysOf(kind), span),
    }));
  const visible = lines.flatMap(({ points }) => points.filter(([time]) => time >= from));
  const peak = visible.reduce((most, [, value]) => Math.max(most, value ?? 0), 0);
  const scale = useScale(peak, to, `${range.id} ${span} ${kinds.join()} ${[...hidden].join()}`);

  const perWindow = pipeline.window === 1_000 ? t.perSecond : t.perWindow(formatSpan(pipeline.window, language));
  const title = span > pipeline.window ? t.averaged(perWindow, formatSpan(span, language, 0)) : perWindow;
  const rangeNames = { '20': t.lastWindows, '1h': t.hour, all: t.all };
  const nameOf = (id: string, minutes: number | undefined) =>
    id === '20' || id === '1h' || id === 'all' ? rangeNames[id] : t.minutes(minutes ?? 0);
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
              <button
                key={id}
                type="button"
                aria-pressed={id === range.id}
                aria-label={id === '20' ? t.lastWindows : undefined}
                onClick={() => onRange(id)}
              >
                {id === '20' ? id : nameOf(id, minutes)}
              </button>
            ))}
          </fieldset>
          <div className="tools">
            <button
              type="button"
              aria-label={t.savePicture}
              title={t.savePicture}
              disabled={!shown || shown.length === 0}
              onClick={() => drawn.current && savePicture(title, drawn.current)}
            >
              <Icon name="save" />
            </button>
          </div>
        </>
      }
    >
      {shown && shown.length > 0 ? (
        <LineChart
          label={`${title}. ${t.chartSummary(nameOf(range.id, range.minutes), latest)}`}
          lines={lines}
          from={from}
          to={to}
          scale={scale}
          drawn={drawn}
        />
      ) : (
        <ChartState error={error} loading={!shown} onReload={reload} />
      )}
    </Panel>
  );
}

/** The vertical scale, one step further with each window; what is shown being changed, it starts anew. */
function useScale(peak: number, window: number, view: string): YScale {
  const held = useRef<{ scale: YScale; window: number; view: string }>(undefined);
  const before = held.current;
  if (!before || before.view !== view) held.current = { scale: nextScale(undefined, peak), window, view };
  else if (before.window !== window || peak >= before.scale.top)
    held.current = { scale: nextScale(before.scale, peak), window, view };
  return held.current?.scale ?? nextScale(undefined, peak);
}
