import { useRef } from 'react';
import type { PipelineInfo } from '../../../messages.ts';
import { Panel } from '../../components/panel.tsx';
import { useSettings } from '../../components/settings.ts';
import { formatCount, formatNamedZone } from '../../state/format.ts';
import { type Scale, scaleFor, steadyScale } from './axis.ts';
import { ChartCanvas } from './chart-canvas.tsx';
import { ChartState } from './chart-state.tsx';
import { useNarrow } from './controls.tsx';
import { DataTable } from './data-table.tsx';
import type { Drawing } from './drawing.ts';
import { formatPeriod, formatStep } from './format.ts';
import { Legend } from './legend.tsx';
import { lengthOf } from './periods.ts';
import { SaveButtons } from './save-buttons.tsx';
import { saveChart } from './save-chart.ts';
import type { ChartAnswers } from './use-chart-data.ts';
import { useZoom } from './use-zoom.ts';
import { type ChartView, queryOf } from './view.ts';
import { chartsWords } from './words.ts';
import { ZoomButtons } from './zoom-buttons.tsx';

interface ChartPanelProps {
  view: ChartView;
  pipeline: PipelineInfo;
  answers: ChartAnswers;
  drawing: Drawing | undefined;
  /** End of the newest window that has come in. */
  newest: number | undefined;
  onChange: (change: Partial<ChartView>) => void;
}

/** The drawing with what belongs to it: its legend, its numbers, and ways to look closer and to take it away. */
export function ChartPanel({ view, pipeline, answers, drawing, newest, onChange }: ChartPanelProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const { data, period, shown } = answers;
  const isPie = view.type === 'pie';
  const { moving, zoomTo } = useZoom(data?.period, pipeline.window, (zoom) => onChange({ zoom }));
  const scale = useScale(drawing?.peak ?? 0, view);
  const narrow = useNarrow();

  const what = t.what(pipeline.title[language], isPie ? t.share : t.units[view.unit]);
  const when = shown
    ? [formatPeriod(moving ?? shown), ...(data ? [t.perPoint(formatStep(data.span, language))] : [])]
    : [];
  const zone = formatNamedZone(shown?.to ?? Date.now());
  const compare = view.compare && view.range !== 'all';
  const sums = drawing?.legend.map(({ name, count }) => `${name} ${formatCount(count)}`).join(', ') ?? '';
  const label = t.summary(`${t.types[view.type]}, ${what}`, when[0] ?? '', sums);
  const isDrawn = drawing !== undefined && !drawing.isEmpty && drawing.names.length > 0;
  return (
    <Panel
      className="chart-view"
      title={what}
      aside={
        <>
          <p className="chart-when dotted">
            {when.map((text) => (
              <span key={text}>{text}</span>
            ))}
          </p>
          {period && shown && !isPie && (
            <ZoomButtons
              {...{ shown, period }}
              zoom={view.zoom}
              window={pipeline.window}
              onZoom={(zoom) => onChange({ zoom })}
            />
          )}
          <SaveButtons
            disabled={!isDrawn}
            linkOf={() => new URL(`?${queryOf({ ...view, pipeline: pipeline.name })}`, location.href).href}
            onSave={(kind) =>
              shown &&
              drawing &&
              saveChart(kind, { drawing, view, pipeline, scale, shown, compare, what, when: [...when, zone], t })
            }
          />
        </>
      }
    >
      <div className="chart-body" data-type={view.type} aria-busy={answers.loading}>
        {isDrawn ? (
          <ChartCanvas
            label={label}
            kind={isPie ? 'pie' : 'time'}
            optionFor={(surface) => drawing.option(surface, { scale, moving, zoom: narrow ? 'slider' : 'all' })}
            onZoom={zoomTo}
          />
        ) : (
          <ChartState
            {...{ answers, t }}
            isChosen={drawing === undefined || drawing.names.length > 0}
            onNewest={
              newest !== undefined && period
                ? () => onChange({ range: { from: newest - lengthOf(period), to: newest }, zoom: undefined })
                : undefined
            }
          />
        )}
        {isDrawn && answers.error && (
          <p className="chart-outdated" role="status">
            {t.outdated}
            <button type="button" onClick={answers.reload}>
              {t.retry}
            </button>
          </p>
        )}
        {drawing && drawing.legend.length > 0 && (
          <Legend
            type={view.type}
            rows={drawing.legend}
            compare={compare}
            onToggle={(id) =>
              onChange({
                hidden: view.hidden.includes(id) ? view.hidden.filter((other) => other !== id) : [...view.hidden, id],
              })
            }
          />
        )}
      </div>
      {isDrawn && (
        <DataTable names={drawing.names} pairs={drawing.pairs} compare={compare} format={drawing.format} zone={zone} />
      )}
    </Panel>
  );
}

/** The vertical scale: it starts anew when something else is shown, not with each point. */
function useScale(peak: number, { type, unit, range, hidden, compare }: ChartView): Scale {
  const held = useRef<{ scale: Scale; key: string }>(undefined);
  const key = JSON.stringify([type, unit, range, hidden, compare]);
  const whole = unit === 'count';
  const scale = held.current?.key === key ? steadyScale(held.current.scale, peak, whole) : scaleFor(peak, whole);
  held.current = { scale, key };
  return scale;
}
