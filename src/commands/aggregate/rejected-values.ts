import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { TopicCounts } from '../../window/topic-counts.ts';

// A topic full of values that cannot be counted must not fill the disk with lines.
const quiet = 10_000;

/**
 * Says of each pipeline how many values could not be counted, with place and reason of the first: at once, and then
 * no more often than every ten seconds.
 */
export function rejectedValuesReport({ clock, logger }: { clock: Clock; logger: Logger }) {
  const lastLines = new Map<string, number>();
  return (name: string, topic: string, counts: TopicCounts, { atEnd = false } = {}): void => {
    const now = clock.now();
    if (!atEnd && now - (lastLines.get(name) ?? Number.NEGATIVE_INFINITY) < quiet) return;
    const found = counts.newRejections();
    if (!found) return;
    lastLines.set(name, now);
    const { count, partition, offset, reason } = found;
    const place = `${topic}/${partition} at offset ${offset}`;
    logger.warn(
      count === 1
        ? `${name}: the value in ${place} is not counted: ${reason}`
        : `${name}: ${count} values are not counted, the first in ${place}: ${reason}`,
    );
  };
}
