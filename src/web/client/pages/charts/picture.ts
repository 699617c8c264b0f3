import { LegendComponent } from 'echarts/components';
import { type EChartsCoreOption, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { init } from './parts.ts';

// Loaded when somebody saves a picture, and not before.
use([LegendComponent, SVGRenderer]);

export interface PictureSize {
  width: number;
  height: number;
}

/** A drawing as a PNG of twice the size, as a `data:` address. */
export function pngOf(option: EChartsCoreOption, size: PictureSize, background: string): string {
  const chart = init(document.createElement('div'), null, { renderer: 'canvas', devicePixelRatio: 2, ...size });
  chart.setOption(option);
  const address = chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: background });
  chart.dispose();
  return address;
}

/** A drawing as the text of an SVG file. */
export function svgOf(option: EChartsCoreOption, size: PictureSize): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption(option);
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}
