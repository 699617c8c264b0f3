import { formatMoment, formatZone } from '../state/format.ts';
import { init } from './echarts.ts';
import { type SplineInput, splineOption } from './spline-option.ts';

const size = { width: 1600, height: 900, rem: 16, headroom: 4 };

/** Saves the chart as a PNG of 3200 × 1800, with its title and time, whatever the size of the window. */
export function savePicture(title: string, input: SplineInput): void {
  const holder = document.createElement('div');
  const chart = init(holder, null, { renderer: 'canvas', devicePixelRatio: 2, ...size });
  chart.setOption({
    ...splineOption({ ...input, ...size, motion: 0 }),
    backgroundColor: input.colors.panel,
    title: {
      text: title,
      subtext: `${formatMoment(input.from)} – ${formatMoment(input.to)} ${formatZone(input.to)}`,
      left: 16,
      top: 12,
      textStyle: { color: input.colors.text, fontSize: 22 },
      subtextStyle: { color: input.colors.muted, fontSize: 14 },
    },
  });
  const link = document.createElement('a');
  link.href = chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: input.colors.panel });
  link.download = `dashctl-${formatMoment(input.to).replace(/[: ]/g, '-')}.png`;
  link.click();
  chart.dispose();
}
