import { useEffect, useRef, useState } from 'react';
import { lengthOf, zoomWithin } from './periods.ts';
import type { Period } from './view.ts';

const settled = 250;

/**
 * Zooming with wheel, drag and slider: the drawing follows at once, the address, and with it what the server is asked,
 * when the reader has come to rest.
 */
export function useZoom(period: Period | undefined, window: number, onZoom: (zoom: Period | undefined) => void) {
  const [moving, setMoving] = useState<Period>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  /** Parts of the period, in percent. */
  const zoomTo = (start: number, end: number) => {
    if (!period) return;
    const at = (percent: number) => period.from + (lengthOf(period) * percent) / 100;
    const zoom = zoomWithin({ from: at(start), to: at(end) }, period, window);
    setMoving(zoom ?? period);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setMoving(undefined);
      onZoom(zoom);
    }, settled);
  };
  return { moving, zoomTo };
}
