import { type RefObject, useEffect, useRef, useState } from 'react';
import { init } from '../charts/echarts.ts';
import { type SplineInput, type SplineLine, splineOption } from '../charts/spline-option.ts';
import { remSize, tokenOf } from '../charts/style-sheet.ts';
import type { YScale } from '../charts/y-scale.ts';
import { useSettings } from './settings.ts';

interface LineChartProps {
  /** What the chart shows, in words. */
  label: string;
  lines: readonly Omit<SplineLine, 'color'>[];
  from: number;
  to: number;
  scale: YScale;
  /** Is given what was drawn last, for the picture. */
  drawn: RefObject<SplineInput | undefined>;
}

const slide = 300;
/** Where there are more points, one further moves them by so little that sliding would be work for nothing. */
const mostSliding = 150;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** The chart itself: ECharts, renewed with each window and each change of size or colours. */
export function LineChart({ label, lines, from, to, scale, drawn }: LineChartProps) {
  const { theme } = useSettings();
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init>>(undefined);
  const look = useRef('');
  const [size, setSize] = useState({ width: 0, height: 0 });

  useEffect(() => {
    if (!holder.current) return;
    const element = holder.current;
    chart.current = init(element, null, { renderer: 'canvas' });
    const observer = new ResizeObserver(() => {
      chart.current?.resize();
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current?.dispose();
    };
  }, []);

  useEffect(() => {
    if (!chart.current || size.width === 0) return;
    // Only time moves the lines; a change of range, size, language or colours is there at once.
    const nextLook = [theme, size.width, size.height, to - from, ...lines.map(({ name }) => name)].join();
    const few = lines.every(({ points }) => points.length <= mostSliding);
    const moves = few && look.current === nextLook && !calm.matches && document.visibilityState === 'visible';
    look.current = nextLook;
    const input: SplineInput = {
      lines: lines.map((line) => ({ ...line, color: tokenOf(line.kind === 'unknown' ? 'muted' : line.kind) })),
      from,
      to,
      scale,
      ...size,
      rem: remSize(),
      font: tokenOf('font'),
      colors: { text: tokenOf('text'), muted: tokenOf('muted'), line: tokenOf('line'), panel: tokenOf('panel') },
      motion: moves ? slide : 0,
    };
    drawn.current = input;
    chart.current.setOption(splineOption(input), { replaceMerge: ['series'] });
  });

  return <div className="line-chart" ref={holder} role="img" aria-label={label} />;
}
