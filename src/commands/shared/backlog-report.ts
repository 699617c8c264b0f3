import type { Logger } from '../../runtime/logger.ts';
import { type RateMeter, rateMeter } from '../status/rate-meter.ts';
import { bar, clockTime, grouped, progressLine } from './progress-line.ts';

/** How much a stage has done in this run, and how much still lies before it. */
export interface Backlog {
  done: number;
  lag: number;
}

// Below this a live topic is not called a backlog.
const leastLag = 10_000;
const redraw = 100;
const logEvery = 10_000;

/** What the progress line of a backlog says; undefined when there is none. */
export function backlogText({ done, lag }: Backlog, rate: number, unit: string): string | undefined {
  if (lag < leastLag) return undefined;
  const share = done / (done + lag);
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  const eta = rate > 0 ? `  ETA ${clockTime(lag / rate)}` : '';
  return `${bar(share, 24)} ${percent}  ${grouped(done)} ${unit}  ${grouped(rate)}/s  lag ${grouped(lag)}${eta}`;
}

/**
 * Tells how a stage catches up with a backlog: on a terminal a line that moves, elsewhere a log line now and then.
 * It only ever acts on news, so that an idle stage stays idle.
 */
export function backlogReporter(screen: NodeJS.WriteStream, logger: Logger, unit: string) {
  const line = screen.isTTY ? progressLine(screen) : undefined;
  const meter: RateMeter = rateMeter();
  let told = Number.NEGATIVE_INFINITY;
  let isBehind = false;
  return {
    observe(backlog: Backlog, now: number): void {
      meter.observe(backlog.done, now);
      const text = backlogText(backlog, meter.rate(now), unit);
      if (text === undefined) {
        if (isBehind) logger.info('caught up');
        this.stop();
        isBehind = false;
      } else if (now - told >= (line ? redraw : logEvery)) {
        // The first is for the line alone: a short backlog is not worth a log line.
        if (line) line.draw(text);
        else if (isBehind) logger.info(text);
        isBehind = true;
        told = now;
      }
    },
    stop(): void {
      line?.clear();
    },
  };
}
