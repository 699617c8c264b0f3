import { InvalidArgumentError } from 'commander';
import type { KafkaConnection } from '../../kafka/connection.ts';
import { partitionKey, startOffsets, topicOffsets } from '../../kafka/topics.ts';
import { duration } from './flags.ts';

/** A place in a topic: one of its ends, so many records from one of them in each partition, or a time (epoch ms). */
export type Place = { from: 'start' | 'end'; records: number } | { time: number };

/** What `-o` asks for: where to begin, and where to stop unless reading goes on. */
export interface TailRange {
  begin: Place;
  end?: Place;
}

/** Reads `start`, `end`, `+n`, `-n`, `@time`, each with `:end` or `:@time` after it if the end is bounded. */
export function tailRange(text: string): TailRange {
  // A time of day has colons of its own.
  const [, first = '', last] = /^(.*?)(?::(end|@.*))?$/.exec(text) ?? [];
  const begin = placeOf(first === '' && last !== undefined ? 'start' : first);
  return last === undefined ? { begin } : { begin, end: placeOf(last) };
}

function placeOf(text: string): Place {
  if (text === 'start' || text === 'end') return { from: text, records: 0 };
  const [, sign, count] = /^([+-])(\d{1,15})$/.exec(text) ?? [];
  if (sign !== undefined) return { from: sign === '+' ? 'start' : 'end', records: Number(count) };
  if (text.startsWith('@')) return { time: timeOf(text.slice(1)) };
  throw new InvalidArgumentError('expected start, end, +n, -n, :end, @time or @time:@time');
}

/** A time as epoch ms: ISO 8601, epoch seconds or ms, or so long ago (`-15m`). */
export function timeOf(text: string): number {
  if (/^-\d/.test(text)) return Date.now() - duration(text.slice(1));
  if (/^\d{10}$/.test(text)) return Number(text) * 1_000;
  if (/^\d{13}$/.test(text)) return Number(text);
  const time = Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new InvalidArgumentError('expected a time such as @2026-11-11T00:00:00, @1794355200000 or @-15m');
}

/** The offsets of a place in every partition, by `topic/partition`. @throws DashctlError `TOPIC_UNKNOWN` */
export async function offsetsOf(
  connection: KafkaConnection,
  topic: string,
  place: Place,
): Promise<Map<string, number>> {
  if ('time' in place) {
    const offsets = await startOffsets(connection, [topic], { timestamp: place.time });
    return new Map(offsets.map((partition) => [partitionKey(partition), partition.offset]));
  }
  const { from, records } = place;
  const offsets = await topicOffsets(connection, [topic]);
  return new Map(
    offsets.map((partition) => {
      const { earliest, high } = partition;
      const offset = from === 'start' ? Math.min(high, earliest + records) : Math.max(earliest, high - records);
      return [partitionKey(partition), offset];
    }),
  );
}
