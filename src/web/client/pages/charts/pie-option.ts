import type { EChartsCoreOption } from 'echarts/core';
import { smallText, tooltipBox } from '../../charts/tooltip-box.ts';
import type { PieInput, Slice } from './chart-input.ts';
import { beforeOpacity } from './look.ts';

/** What ECharts draws: a ring of shares, each named; the period before as a thinner ring within. */
export function pieOption(input: PieInput): EChartsCoreOption {
  const { slices, before, total, totalName, width, height, rem, colors, headroom, font: fontFamily } = input;
  const middle = [width / 2, headroom * rem + (height - headroom * rem) / 2] as const;
  // Where there is no room for names beside the ring, the legend has them.
  const isNarrow = width < 36 * rem;
  const room = Math.min((height - headroom * rem) / 2 - 1.5 * rem, width / 2 - (isNarrow ? 1 : 9) * rem);
  const radius = Math.max(4 * rem, Math.min(room, 16 * rem));
  const ring = { type: 'pie', center: middle, startAngle: 90, emphasis: { disabled: true } };
  const whole = slices.reduce((sum, { count }) => sum + count, 0);
  const textSize = Math.max(12, 1 * rem);
  return {
    animation: false,
    textStyle: { fontFamily },
    tooltip: {
      ...tooltipBox(input),
      trigger: 'item',
      formatter: ({ name = '' }: { name?: string }) => input.tooltip(name),
    },
    title: {
      text: total,
      subtext: totalName,
      left: '50%',
      top: middle[1] - 1.9 * rem,
      itemGap: 0.25 * rem,
      textAlign: 'center',
      textStyle: { color: colors.text, fontSize: Math.min(1.75 * rem, radius / 4), fontWeight: 600, fontFamily },
      subtextStyle: { color: colors.muted, fontSize: smallText(rem), fontFamily },
    },
    series: [
      {
        ...ring,
        id: 'now',
        radius: [radius * 0.68, radius],
        data: slices.map((slice) => datumOf(slice, 1, colors.panel)),
        label: {
          show: !isNarrow,
          color: colors.text,
          fontSize: textSize,
          fontFamily,
          // Not ECharts' own percentages, which it bends so that they come to a hundred.
          formatter: ({ name = '', value = 0 }: { name?: string; value?: number }) =>
            `${name}  ${input.formatShare(whole === 0 ? 0 : value / whole)}`,
        },
        labelLine: { show: !isNarrow, length: 0.75 * rem, length2: 0.75 * rem, lineStyle: { color: colors.muted } },
        minShowLabelAngle: 2,
      },
      ...(before
        ? [
            {
              ...ring,
              id: 'before',
              radius: [radius * 0.54, radius * 0.64],
              data: before.map((slice) => datumOf(slice, beforeOpacity, colors.panel)),
              label: { show: false },
              labelLine: { show: false },
            },
          ]
        : []),
    ],
  };
}

const datumOf = ({ name, color, count }: Slice, opacity: number, borderColor: string) => ({
  name,
  value: count,
  itemStyle: { color, opacity, borderColor, borderWidth: 2 },
});
