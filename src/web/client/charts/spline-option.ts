import type { EChartsCoreOption } from 'echarts/core';
import { formatCount, formatMoment, formatTick } from '../state/format.ts';
import { type Point, spreadLabels } from './points.ts';
import { timeTicks } from './ranges.ts';
import { escapeHtml, smallText, tooltipBox } from './tooltip-box.ts';
import type { YScale } from './y-scale.ts';

export interface SplineLine {
  /** `female`, `male` or `unknown`: how the style sheet calls it. */
  kind: string;
  name: string;
  color: string;
  dash: 'solid' | 'dashed' | 'dotted';
  points: readonly Point[];
}

export interface SplineInput {
  lines: readonly SplineLine[];
  /** Starts of the first and the last window of the range. */
  from: number;
  to: number;
  scale: YScale;
  /** Size of the drawing in px, and how many px a rem is. */
  width: number;
  height: number;
  rem: number;
  /** A list of font families, as in CSS. */
  font: string;
  colors: { text: string; muted: string; line: string; panel: string };
  /** Milliseconds that a new point takes to slide in; 0 where motion is not wanted. */
  motion: number;
  /** Space kept free at the top, in rem, for the title of a saved picture. */
  headroom?: number;
}

/** What ECharts draws: the lines over the time of their windows, from zero, each named at its last point. */
export function splineOption(input: SplineInput): EChartsCoreOption {
  const { lines, from, to, scale, width, height, rem, colors, motion, headroom = 0, font: fontFamily } = input;
  const labelSize = (width < 34 * rem ? 0.9375 : 1.125) * rem;
  const axisText = { color: colors.muted, fontSize: smallText(rem), fontFamily };
  // By the greatest number that fits the scale, so that the plot keeps its width while the labels change.
  const highest = formatCount(scale.top);
  const longest = lines.some(({ points }) => points.some(([, count]) => (count ?? 0) % 1 !== 0))
    ? `${highest}.0`
    : highest;
  const grid = {
    left: 0.5 * rem + smallText(rem) * 0.62 * Math.max(2, highest.length),
    right: 1.5 * rem + Math.max(4 * rem, ...lines.map(({ name }) => widthOf(`${name} ${longest}`) * labelSize)),
    top: (0.75 + headroom) * rem,
    bottom: 2 * rem,
  };
  const plotHeight = height - grid.top - grid.bottom;
  const offsets = labelOffsets(lines, scale, plotHeight, 1.3 * labelSize);
  const tickWidth = widthOf(formatTick(to, to - from)) * smallText(rem) + rem;
  const ticks = timeTicks(from, to, Math.max(1, Math.floor((width - grid.left - grid.right) / tickWidth)));
  return {
    animation: motion > 0,
    animationDuration: 0,
    animationDurationUpdate: motion,
    animationEasingUpdate: 'linear',
    textStyle: { fontFamily },
    grid,
    xAxis: {
      type: 'time',
      min: from,
      max: to,
      axisLine: { show: false },
      axisTick: { show: false, customValues: ticks },
      axisLabel: {
        ...axisText,
        customValues: ticks,
        hideOverlap: true,
        margin: 0.6 * rem,
        formatter: (value: number) => formatTick(value, to - from),
      },
      splitLine: { show: false },
      axisPointer: { label: { show: false }, lineStyle: { color: colors.muted, type: 'solid', width: 1 } },
    },
    yAxis: {
      type: 'value',
      min: 0,
      max: scale.top,
      interval: scale.step,
      axisLabel: { ...axisText, margin: 0.5 * rem, formatter: formatCount },
      splitLine: { lineStyle: { color: colors.line, width: 1 } },
    },
    tooltip: {
      ...tooltipBox(input),
      trigger: 'axis',
      // Rows are set by the style sheet: the content security policy allows no styles in HTML.
      formatter: (items: TooltipItem | TooltipItem[]) => tooltipHtml([items].flat(), lines),
    },
    series: lines.map((line, index) => seriesOf(line, offsets[index] ?? 0, labelSize, input)),
  };
}

function seriesOf(line: SplineLine, offset: number, labelSize: number, { rem, font: fontFamily }: SplineInput) {
  const { points } = line;
  const last = points.length - 1;
  const dot = { symbol: 'circle', symbolSize: 0.6 * rem };
  return {
    id: line.name,
    name: line.name,
    type: 'line',
    smooth: 0.45,
    smoothMonotone: 'x',
    symbol: 'none',
    showAllSymbol: true,
    connectNulls: false,
    // Points keep their identity by the time of their window, so that they slide to the left and do not change height.
    data: points.map(([time, count], index) => {
      const alone = count !== null && isBreak(points[index - 1]) && isBreak(points[index + 1]);
      return {
        name: String(time),
        value: [time, count],
        ...(index === last || alone ? dot : {}),
        ...(index === last
          ? {
              label: {
                show: true,
                position: 'right',
                distance: 0.6 * rem,
                offset: [0, offset],
                formatter: labelOf(line),
                color: line.color,
                fontSize: labelSize,
                fontWeight: 600,
                fontFamily,
              },
            }
          : {}),
      };
    }),
    itemStyle: { color: line.color },
    lineStyle: {
      color: line.color,
      width: Math.max(2, 0.17 * rem),
      type:
        line.dash === 'dashed' ? [0.5 * rem, 0.32 * rem] : line.dash === 'dotted' ? [0.1 * rem, 0.4 * rem] : 'solid',
      cap: line.dash === 'dotted' ? 'round' : 'butt',
    },
    areaStyle: { color: line.color, opacity: 0.07 },
    emphasis: { disabled: true },
  };
}

const labelOf = ({ name, points }: SplineLine) => `${name} ${formatCount(points.at(-1)?.[1] ?? 0)}`;

/** About how wide a text is, in ems: Chinese characters are squares. */
const widthOf = (text: string) => [...text].reduce((width, character) => width + (character > '\u2e80' ? 1 : 0.58), 0);

const isBreak = (point: Point | undefined) => point === undefined || point[1] === null;

/** How far, in px, the labels of the last points move so that none covers another. */
function labelOffsets(lines: readonly SplineLine[], { top }: YScale, plotHeight: number, gap: number): number[] {
  const wanted = lines.map(({ points }) => plotHeight * (1 - (points.at(-1)?.[1] ?? 0) / top));
  return spreadLabels(wanted, gap, plotHeight).map((height, index) => height - (wanted[index] ?? 0));
}

interface TooltipItem {
  seriesName?: string;
  value?: unknown;
}

/** The counts of the window under the pointer, as HTML without styles. */
export function tooltipHtml(items: readonly TooltipItem[], lines: readonly SplineLine[]): string {
  const rows = items.flatMap(({ seriesName = '', value }) => {
    const line = lines.find(({ name }) => name === seriesName);
    if (!line || !Array.isArray(value) || typeof value[1] !== 'number') return [];
    return [
      `<div><i class="swatch swatch-${line.kind}"></i>${escapeHtml(seriesName)}<b>${formatCount(value[1])}</b></div>`,
    ];
  });
  const [first] = items;
  const time = Array.isArray(first?.value) ? Number(first.value[0]) : undefined;
  if (rows.length === 0 || time === undefined) return '';
  return `<time>${formatMoment(time)}</time>${rows.join('')}`;
}
