import type { Logger } from '../runtime/logger.ts';
import type { AggregateProgress } from './aggregate-stage.ts';
import { bar, clockTime, grouped, progressLine } from './progress-line.ts';
import { type RateMeter, rateMeter } from './rate-meter.ts';

// Below this a live topic is not called a backlog.
const leastLag = 10_000;
const redraw = 100;
const logEvery = 10_000;

/** What the progress line of a backlog says; undefined when there is none. */
export function backlogText({ pipelines }: AggregateProgress, rate: number): string | undefined {
  let [records, lag] = [0, 0];
  for (const pipeline of pipelines.values()) {
    records += pipeline.records;
    lag += pipeline.lag;
  }
  if (lag < leastLag) return undefined;
  const share = records / (records + lag);
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  const eta = rate > 0 ? `  ETA ${clockTime(lag / rate)}` : '';
  return `${bar(share, 24)} ${percent}  ${grouped(records)} records  ${grouped(rate)}/s  lag ${grouped(lag)}${eta}`;
}

/**
 * Tells how an aggregator catches up with a backlog: on a terminal a line that moves, elsewhere a log line now and then.
 * It only ever acts on news, so that an idle aggregator stays idle.
 */
export function backlogReporter(screen: NodeJS.WriteStream, logger: Logger) {
  const line = screen.isTTY ? progressLine(screen) : undefined;
  const meter: RateMeter = rateMeter();
  let told = Number.NEGATIVE_INFINITY;
  let isBehind = false;
  return {
    observe(progress: AggregateProgress, now: number): void {
      meter.observe(
        progress.pipelines.values().reduce((sum, { records }) => sum + records, 0),
        now,
      );
      const text = backlogText(progress, meter.rate(now));
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
