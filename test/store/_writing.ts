import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { WindowCount } from '../../src/records/window-count.ts';
import type { WindowStore } from '../../src/records/window-store.ts';

const script = join(import.meta.dirname, '_writer.ts');

/** A window as a writer stores it: first with as many records as its number says, then corrected by one more. */
function written(pipeline: string, second: number, revision: number): WindowCount {
  const times = { start: second * 1_000, end: (second + 1) * 1_000 };
  const keys = Array.from({ length: 40 }, (_, key): [string, number] => [`key ${key}`, second]);
  const counts = new Map([...keys, ['all', second + 1 + revision] as const]);
  return { pipeline, ...times, revision, lateDropped: 0, counts };
}

/** What a writer puts at a position: the window there, and the correction of the one before. */
export const windowsOfPut = (pipeline: string, position: number): WindowCount[] =>
  position === 0 ? [written(pipeline, 0, 0)] : [written(pipeline, position, 0), written(pipeline, position - 1, 1)];

/** Starts a process that writes until it is killed, in a pipeline of its own. */
export function startWriter(location: string, name: string, options: SpawnOptions = {}): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, location, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
}

/** Lets a writer put so many windows and kills it in the midst of what it does next. */
async function killAfter(writer: ChildProcess, puts: number): Promise<void> {
  let errors = '';
  writer.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exited = once(writer, 'exit');
  if (!writer.stdout) throw new Error('a writer has no output');
  let done = 0;
  for await (const _ of createInterface({ input: writer.stdout })) {
    done += 1;
    if (done === puts) writer.kill('SIGKILL');
  }
  await exited;
  expect(errors).toBe('');
}

/** Killed at any moment, two writers of one store leave what they had put and how far they had come in agreement. */
export function surviveKills(location: () => Promise<string>, open: (location: string) => Promise<WindowStore>): void {
  test('rows and positions agree exactly, whenever writers are killed', async () => {
    const where = await location();
    const names = ['first', 'second'];
    for (let round = 0; round < 8; round += 1) {
      // Another number each time, so that kills meet other moments: also right at the beginning.
      await Promise.all(
        names.map((name, index) => killAfter(startWriter(where, name), 1 + ((round * 7 + index * 3) % 23))),
      );
      const store = await open(where);
      for (const name of names) await expectWhole(store, name);
      await store.close();
    }
  });
}

async function expectWhole(store: WindowStore, name: string): Promise<void> {
  const position = (await store.positions()).get(`${name}/0`) ?? 0;
  expect(position).toBeGreaterThan(0);
  const expected = Array.from({ length: position }, (_, second) =>
    written(name, second, second + 1 < position ? 1 : 0),
  );
  expect(await store.series(name)).toEqual(expected);
  const { counts, windows } = await store.totals(name);
  expect(windows).toBe(position);
  const sum = expected.reduce((all, window) => all + (window.counts.get('all') ?? 0), 0);
  expect(counts.get('all')).toBe(sum);
  const [hour] = await store.series(name, { resolution: 'hour', limit: 1 });
  expect(hour?.counts.get('all')).toBe(sum);
}
