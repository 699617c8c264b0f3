import type { EChartsCoreOption } from 'echarts/core';
import { smallText, tooltipBox } from '../../charts/tooltip-box.ts';
import { localTicks, tickText } from './axis.ts';
import { seriesOf } from './cartesian-series.ts';
import type { CartesianInput } from './chart-input.ts';
import { formatTick } from './format.ts';

const sliderHeight = 1.75;

/** What ECharts draws: values over time, from zero, in the reader's time zone. */
export function cartesianOption(input: CartesianInput): EChartsCoreOption {
  const { period, shown, scale, width, rem, colors, headroom, font: fontFamily, zoom } = input;
  const axisText = { color: colors.muted, fontSize: smallText(rem), fontFamily };
  const slider = zoom !== 'none';
  const grid = {
    left: 0.75 * rem + smallText(rem) * 0.62 * Math.max(2, formatTick(scale.top, scale.step).length),
    right: 1 * rem,
    top: (0.75 + headroom) * rem,
    bottom: (slider ? 2.25 + sliderHeight : 2) * rem,
  };
  const most = Math.max(1, Math.floor((width - grid.left - grid.right) / (6 * smallText(rem))));
  const ticks = localTicks(shown.from, shown.to, most);
  const step = (ticks[1] ?? shown.to) - (ticks[0] ?? shown.from);
  return {
    animation: false,
    textStyle: { fontFamily },
    grid,
    xAxis: {
      type: 'time',
      min: period.from,
      max: period.to,
      axisLine: { show: true, lineStyle: { color: colors.line } },
      axisTick: { show: false, customValues: ticks },
      axisLabel: {
        ...axisText,
        customValues: ticks,
        hideOverlap: true,
        margin: 0.6 * rem,
        formatter: (value: number) => tickText(value, step),
      },
      splitLine: { show: false },
      axisPointer: { label: { show: false }, lineStyle: { color: colors.muted, type: 'solid', width: 1 } },
    },
    yAxis: {
      type: 'value',
      min: 0,
      max: scale.top,
      interval: scale.step,
      axisLabel: { ...axisText, margin: 0.5 * rem, formatter: (value: number) => formatTick(value, scale.step) },
      splitLine: { lineStyle: { color: colors.line, width: 1 } },
    },
    tooltip: {
      ...tooltipBox(input),
      trigger: 'axis',
      // Rows are set by the style sheet: the content security policy allows no styles in HTML.
      formatter: (items: Hovered | Hovered[]) => input.tooltip(placeOf([items].flat()[0])),
    },
    dataZoom: slider ? zoomParts(input, grid) : [],
    series: seriesOf(input),
  };
}

interface Hovered {
  value?: unknown;
}

const placeOf = (item: Hovered | undefined) => (Array.isArray(item?.value) ? Number(item.value[0]) : Number.NaN);

/** Zooming by wheel and drag, and by the slider. It holds times, not percentages, so that new points do not move it. */
function zoomParts({ shown, leastZoom, rem, colors, zoom }: CartesianInput, grid: { left: number; right: number }) {
  const shared = {
    xAxisIndex: 0,
    startValue: shown.from,
    endValue: shown.to,
    minValueSpan: leastZoom,
    // Lines go on over the edges of what is seen.
    filterMode: 'none',
  };
  const inside = { ...shared, id: 'inside', type: 'inside', zoomOnMouseWheel: true, moveOnMouseWheel: false };
  const slider = {
    ...shared,
    id: 'slider',
    type: 'slider',
    left: grid.left,
    right: grid.right,
    bottom: 0.25 * rem,
    height: (sliderHeight - 0.5) * rem,
    showDetail: false,
    brushSelect: false,
    backgroundColor: 'transparent',
    borderColor: colors.line,
    borderRadius: 3,
    fillerColor: `${colors.muted}26`,
    // It would draw the points evenly over its length, wherever in time they stand.
    showDataShadow: false,
    handleSize: '110%',
    handleStyle: { color: colors.panel, borderColor: colors.muted },
    moveHandleSize: 0,
    emphasis: { handleStyle: { color: colors.raised, borderColor: colors.text } },
  };
  return zoom === 'all' ? [inside, slider] : [slider];
}
