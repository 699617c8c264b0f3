import type { EChartsCoreOption } from 'echarts/core';
import type { PipelineInfo } from '../../../messages.ts';
import { smallText } from '../../charts/tooltip-box.ts';
import type { Scale } from './axis.ts';
import { surfaceOf } from './chart-canvas.tsx';
import type { Surface } from './chart-input.ts';
import { csvOf } from './csv.ts';
import type { Drawing } from './drawing.ts';
import { fileName } from './format.ts';
import { type FileKind, saveFile, textAddress } from './save-buttons.tsx';
import type { ChartView, Period } from './view.ts';
import type { ChartsWords } from './words.ts';

interface SaveInput {
  drawing: Drawing;
  view: ChartView;
  pipeline: PipelineInfo;
  scale: Scale;
  shown: Period;
  compare: boolean;
  /** What is drawn, and when: what a picture says above the drawing. */
  what: string;
  when: readonly string[];
  t: ChartsWords;
}

const size = { width: 1600, height: 900 };

/** Saves what is drawn: as a picture, whatever the size of the window, or as numbers. */
export async function saveChart(kind: FileKind, input: SaveInput): Promise<void> {
  const { drawing, view, pipeline, shown, compare, scale, t } = input;
  const name = fileName(pipeline.name, shown, view.type === 'pie' ? 'share' : view.unit, kind);
  if (kind === 'csv') {
    const { names, pairs } = drawing;
    const headers = { time: t.csvTime, span: t.csvSpan };
    saveFile(name, textAddress(csvOf({ names, pairs, compare, beforeName: t.before, headers }), 'text/csv'));
    return;
  }
  const screen = surfaceOf(size.width, size.height, { rem: 16, headroom: 6.5 });
  // Names of faces stand in attributes of an SVG, whose own quotes are double.
  const surface = { ...screen, font: screen.font.replaceAll('"', "'") };
  const option = titled(drawing.option(surface, { scale, zoom: 'none' }), surface, input);
  const { pngOf, svgOf } = await import('./picture.ts');
  if (kind === 'png') saveFile(name, pngOf(option, size, surface.colors.panel));
  else saveFile(name, textAddress(svgOf(option, size), 'image/svg+xml'));
}

/** The drawing with a title and a legend of its own, since it goes where the page is not. */
function titled(option: EChartsCoreOption, surface: Surface, { what, when }: SaveInput): EChartsCoreOption {
  const { colors, font: fontFamily, rem } = surface;
  return {
    ...option,
    backgroundColor: colors.panel,
    title: [
      {
        text: what,
        subtext: when.join(' · '),
        left: 16,
        top: 12,
        textStyle: { color: colors.text, fontSize: 22, fontFamily },
        subtextStyle: { color: colors.muted, fontSize: 14, fontFamily },
      },
      ...[option.title ?? []].flat(),
    ],
    legend: {
      ...namesOf(option),
      left: 14,
      top: 76,
      itemWidth: 32,
      itemGap: 1.25 * rem,
      textStyle: { color: colors.text, fontSize: smallText(rem), fontFamily },
      selectedMode: false,
    },
  };
}

/** What is now before what was; the slices of a ring name themselves. */
function namesOf({ series }: EChartsCoreOption): { data?: string[] } {
  const drawn = [series ?? []].flat() as { id: string; type: string; name?: string }[];
  if (drawn.some(({ type }) => type === 'pie')) return {};
  const isBefore = ({ id }: { id: string }) => id.startsWith('before');
  const ordered = [...drawn.filter((entry) => !isBefore(entry)), ...drawn.filter(isBefore)];
  return { data: ordered.flatMap(({ name }) => name ?? []) };
}
