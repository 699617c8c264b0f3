import { pino } from 'pino';
import { topicSource } from '../../src/kafka/topic-source.ts';
import type { Dashctl } from './dashctl.ts';

interface Result {
  key: string;
  value: string;
  headers: { revision: string; 'late-dropped': string };
}

/** Everything that a reader of committed records finds in a result topic, as it comes. */
export class Results {
  readonly all: Result[] = [];
  #read = 0;
  readonly #tail: Dashctl;

  constructor(tail: Dashctl) {
    this.#tail = tail;
  }

  get count(): number {
    const text = this.#tail.stdout();
    const end = text.lastIndexOf('\n') + 1;
    for (const line of text.slice(this.#read, end).split('\n')) if (line) this.all.push(JSON.parse(line));
    this.#read = end;
    return this.all.length;
  }

  /** The windows as they stand: the newest record of each counts. */
  get windows(): Map<string, Map<string, number>> {
    const windows = new Map<string, Map<string, number>>();
    for (const { key, value } of this.all) {
      const counts: Record<string, number>[] = JSON.parse(value);
      windows.set(key, new Map(counts.flatMap((count) => Object.entries(count))));
    }
    return windows;
  }

  get late(): number {
    return Math.max(0, ...this.all.map(({ headers }) => Number(headers['late-dropped'])));
  }

  async more(): Promise<void> {
    const before = this.count;
    await this.#tail.until(() => this.count > before);
  }

  /** Waits until a condition holds of what has come; it is looked at whenever more does. */
  async until(condition: () => boolean): Promise<void> {
    await this.#tail.until(() => this.count > 0 && condition());
  }

  async reach(records: number): Promise<void> {
    await this.#tail.until(() => {
      if (this.count === 0) return false;
      const counted = [...this.windows.values()].flatMap((counts) => [...counts.values()]);
      return counted.reduce((sum, count) => sum + count, this.late) >= records;
    });
  }
}

/** What stands in the windows of a source topic by its own timestamps. */
export async function countSource(address: string, topic: string, records: number) {
  const windows = new Map<string, Map<string, number>>();
  const stop = new AbortController();
  const connection = { brokers: [address], logger: pino({ level: 'silent' }), clientId: 'check' };
  let read = 0;
  for await (const batch of topicSource({ connection, topics: [topic], from: 'earliest', signal: stop.signal })) {
    for (const { timestamp, value } of batch.records) {
      const start = Math.floor(timestamp / 1_000) * 1_000;
      const key = `${start}/${start + 1_000}`;
      const counts = windows.get(key) ?? new Map<string, number>();
      counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
      windows.set(key, counts);
    }
    read += batch.records.length;
    if (read >= records) stop.abort();
  }
  return windows;
}

/** Windows in a form that can be compared. */
export const sorted = (windows: ReadonlyMap<string, ReadonlyMap<string, number>>) =>
  [...windows].map(([key, counts]) => [key, [...counts].sort()] as const).sort();
