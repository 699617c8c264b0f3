import { useEffect, useState } from 'react';

/** The browser's clock, epoch ms, renewed each time a full interval of it begins, and at a moment that matters. */
export function useNow(interval: number, moment?: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      setNow(Date.now());
      timer = setTimeout(tick, interval - (Date.now() % interval) + 5);
    };
    timer = setTimeout(tick, interval - (Date.now() % interval) + 5);
    return () => clearTimeout(timer);
  }, [interval]);
  useEffect(() => {
    if (moment === undefined || moment <= Date.now()) return;
    const timer = setTimeout(() => setNow(Date.now()), moment - Date.now() + 1);
    return () => clearTimeout(timer);
  }, [moment]);
  return now;
}
