import { setTimeout as delay } from 'node:timers/promises';
import { megabytesOf } from '../bench/processes.ts';
import { startChain, windowsPerSecond } from './chain.ts';
import { type Flatness, flatnessOf } from './flatness.ts';
import { openScreen } from './screen.ts';

export interface SoakOptions {
  /** How long the big screen is watched, ms. */
  duration: number;
  /** Time between two samples, ms. */
  every: number;
  /** Part by which the last third may be above the second. */
  tolerance: number;
  tell(line: string): void;
}

/** What is measured each time, MB but for what is counted. */
export type Sample = Record<(typeof columns)[number], number>;
const columns = ['seconds', 'windows/s', 'page heap', 'nodes', 'listeners', 'serve', 'aggregate', 'broker'] as const;

/** Figures that have to be flat. What else is measured is to tell where to look. */
const judged = ['page heap', 'serve'] as const;

export interface SoakResult {
  samples: Sample[];
  flatness: Record<(typeof judged)[number], Flatness>;
  /** What is wrong, in a line each. */
  faults: string[];
}

/** Lets the big screen run on the whole chain, and watches what page and server hold. */
export async function soak({ duration, every, tolerance, tell }: SoakOptions): Promise<SoakResult> {
  const chain = await startChain();
  try {
    const screen = await openScreen(chain.url);
    try {
      const samples: Sample[] = [];
      tell(columns.map((name) => name.padStart(10)).join(''));
      const start = performance.now();
      let stored = await windowsOf(chain.url);
      let at = start;
      for (let due = start + every; due <= start + duration; due += every) {
        await Promise.race([delay(Math.max(0, due - performance.now())), chain.ended]);
        const [now, count] = [performance.now(), await windowsOf(chain.url)];
        const sample: Sample = {
          seconds: (now - start) / 1_000,
          'windows/s': ((count - stored) / (now - at)) * 1_000,
          ...named(await screen.look()),
          ...memoryOf(chain.pids),
        };
        [stored, at] = [count, now];
        samples.push(sample);
        tell(columns.map((name) => figure(sample[name]).padStart(10)).join(''));
      }
      return judge(samples, tolerance);
    } finally {
      await screen.close();
    }
  } finally {
    await chain.stop();
  }
}

const named = ({ heap, nodes, listeners }: { heap: number; nodes: number; listeners: number }) => ({
  'page heap': heap,
  nodes,
  listeners,
});

const memoryOf = ({ serve, aggregate, broker }: Record<string, number>) => ({
  serve: residentOf(serve),
  aggregate: residentOf(aggregate),
  broker: residentOf(broker),
});
const residentOf = (pid: number | undefined) => megabytesOf(pid, 'VmRSS') ?? Number.NaN;

/** Windows that are stored, of all pipelines. */
async function windowsOf(url: string): Promise<number> {
  const totals: unknown = await (await fetch(`${url}/api/totals`)).json();
  return Object.values(totals as Record<string, { windows: number }>).reduce((sum, { windows }) => sum + windows, 0);
}

function judge(samples: Sample[], tolerance: number): SoakResult {
  const of = (name: keyof Sample) => flatnessOf(samples.map((sample) => sample[name]));
  const flatness = { 'page heap': of('page heap'), serve: of('serve') };
  const growing = judged.flatMap((name) => {
    const { second, last, growth } = flatness[name];
    if (growth <= tolerance) return [];
    return [`${name} grows: ${figure(second)} MB in the second third, ${figure(last)} MB in the last`];
  });
  const pace = of('windows/s').last;
  // Else it was not what is promised that was measured.
  const slow = pace < 0.9 * windowsPerSecond ? [`only ${figure(pace)} windows came each second`] : [];
  return { samples, flatness, faults: [...growing, ...slow] };
}

const figure = (value: number) => (Math.abs(value) < 1_000 ? value.toFixed(1) : value.toFixed(0));
