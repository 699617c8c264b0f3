import type { EChartsCoreOption } from 'echarts/core';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { remSize, tokenOf } from '../../charts/style-sheet.ts';
import { useSettings } from '../../components/settings.ts';
import type { Surface } from './chart-input.ts';
import { init } from './parts.ts';

/** Where something of that size is drawn, with the fonts and colours of the page. */
export function surfaceOf(width: number, height: number, more: Partial<Surface> = {}): Surface {
  const [text, muted, line, panel, raised] = ['text', 'muted', 'line', 'panel', 'raised'].map(tokenOf);
  return {
    width,
    height,
    rem: remSize(),
    font: tokenOf('font'),
    colors: { text: text ?? '', muted: muted ?? '', line: line ?? '', panel: panel ?? '', raised: raised ?? '' },
    headroom: 0,
    ...more,
  };
}

interface ChartCanvasProps {
  /** What is drawn, in words. */
  label: string;
  /** Kinds of charts that share no parts are drawn anew. */
  kind: string;
  /** Is given the size and the colours. */
  optionFor: (surface: Surface) => EChartsCoreOption;
  /** Told the part of the whole that a reader zooms to, in percent. */
  onZoom: (start: number, end: number) => void;
}

interface ZoomEvent {
  start?: number;
  end?: number;
  batch?: { start: number; end: number }[];
}

/** ECharts in the page, renewed with what it shows and with each change of size or colours. */
export function ChartCanvas({ label, kind, optionFor, onZoom }: ChartCanvasProps) {
  // Colours are read when the option is made, so a change of theme has to make it anew.
  useSettings();
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init>>(undefined);
  const drawnKind = useRef('');
  const latestZoom = useLatest(onZoom);
  const [size, setSize] = useState({ width: 0, height: 0 });

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const made = init(element, null, { renderer: 'canvas' });
    chart.current = made;
    made.on('datazoom', (event) => {
      const { start, end } = (event as ZoomEvent).batch?.[0] ?? (event as ZoomEvent);
      if (start !== undefined && end !== undefined) latestZoom.current(start, end);
    });
    const observer = new ResizeObserver(() => {
      made.resize();
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      drawnKind.current = '';
    };
  }, [latestZoom]);

  useEffect(() => {
    if (!chart.current || size.width === 0) return;
    const anew = drawnKind.current !== kind;
    drawnKind.current = kind;
    const option = optionFor(surfaceOf(size.width, size.height));
    chart.current.setOption(option, anew ? { notMerge: true } : { replaceMerge: ['series'] });
  });

  return <div className="chart-canvas" ref={holder} role="img" aria-label={label} />;
}

function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  latest.current = value;
  return latest;
}
