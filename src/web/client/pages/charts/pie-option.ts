import type { EChartsCoreOption } from 'echarts/core';
import { type PieInput, type Slice, smallText, tooltipBox } from './chart-input.ts';
import { beforeOpacity } from './look.ts';

/** What ECharts draws: a ring of shares, each named; the period before as a thinner ring within. */
export function pieOption(input: PieInput): EChartsCoreOption {
  const { slices, before, total, totalName, width, height, rem, colors, headroom, font: fontFamily } = input;
  const middle = [width / 2, headroom * rem + (height - headroom * rem) / 2] as const;
  const radius = Math.max(4 * rem, Math.min((height - headroom * rem) / 2 - 1.5 * rem, width / 2 - 9 * rem));
  const ring = { type: 'pie', center: middle, startAngle: 90, emphasis: { disabled: true } };
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
      left: 'center',
      top: middle[1] - 1.9 * rem,
      itemGap: 0.25 * rem,
      textAlign: 'auto',
      textStyle: { color: colors.text, fontSize: 1.75 * rem, fontWeight: 600, fontFamily },
      subtextStyle: { color: colors.muted, fontSize: smallText(rem), fontFamily },
    },
    series: [
      {
        ...ring,
        id: 'now',
        radius: [radius * 0.68, radius],
        data: slices.map((slice) => datumOf(slice, 1, colors.panel)),
        label: {
          color: colors.text,
          fontSize: textSize,
          fontFamily,
          formatter: ({ name = '', percent = 0 }: { name?: string; percent?: number }) =>
            `${name}  ${input.formatShare(percent / 100)}`,
        },
        labelLine: { length: 0.75 * rem, length2: 0.75 * rem, lineStyle: { color: colors.muted } },
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
