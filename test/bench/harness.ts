import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** What one run of one side gave, by metric. */
export type Measurement = Readonly<Record<string, number>>;

/** One of those that are compared. */
export interface Side {
  name: string;
  run(): Promise<Measurement>;
}

export interface Prepared {
  sides: Side[];
  /** Whom to hold against whom, by name. */
  comparisons: { ours: string; peer: string }[];
  /** What could not be measured here, and why. */
  skipped: string[];
  close(): Promise<void>;
}

export interface Bench {
  name: string;
  title: string;
  /** What is measured, with its unit, in the order of the table, and which way is better. */
  metrics: Readonly<Record<string, { unit: string; better: 'less' | 'more' }>>;
  prepare(): Promise<Prepared>;
}

export interface SideResult {
  name: string;
  runs: Measurement[];
  medians: Measurement;
}

/** How many times better ours is than a peer, by metric. */
export interface Ratio {
  ours: string;
  peer: string;
  /** Of the medians. */
  times: Measurement;
  /** Of what they gave in the same round: the least and the most. Level are two whose ratios lie on both sides of 1. */
  rounds: Readonly<Record<string, readonly [least: number, most: number]>>;
}

export interface BenchResult {
  bench: string;
  title: string;
  sides: SideResult[];
  ratios: Ratio[];
  skipped: string[];
}

/**
 * Runs the sides of a bench in turn, `rounds` times, so that what the machine does meanwhile meets all alike.
 * @param only takes the sides whose names have this in them; all without it.
 */
export async function measure(
  bench: Bench,
  rounds: number,
  tell: (line: string) => void,
  only = '',
): Promise<BenchResult> {
  const { sides, comparisons, skipped, close } = await bench.prepare();
  try {
    const chosen = sides.filter(({ name }) => name.includes(only));
    if (chosen.length === 0) {
      throw new Error(
        `no side of ${bench.name} has "${only}" in its name: ${sides.map(({ name }) => name).join('; ')}`,
      );
    }
    const results = chosen.map((side): SideResult & { side: Side } => ({
      side,
      name: side.name,
      runs: [],
      medians: {},
    }));
    for (let round = 0; round < rounds; round += 1) {
      // Every other round goes backwards: being first or last must not favour anybody.
      for (const result of round % 2 === 0 ? results : results.toReversed()) {
        const measurement = await result.side.run();
        result.runs.push(measurement);
        tell(`${bench.name} ${round + 1}/${rounds}  ${result.name}: ${describe(measurement, bench)}`);
      }
    }
    const done = results.map(({ name, runs }) => ({ name, runs, medians: mediansOf(runs) }));
    return { bench: bench.name, title: bench.title, sides: done, ratios: ratiosOf(done, comparisons, bench), skipped };
  } finally {
    await close();
  }
}

function mediansOf(runs: readonly Measurement[]): Measurement {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(runs.map((run) => run[name] ?? Number.NaN))]));
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function ratiosOf(sides: readonly SideResult[], comparisons: Prepared['comparisons'], bench: Bench): Ratio[] {
  return comparisons.flatMap(({ ours, peer }) => {
    const own = sides.find((side) => side.name === ours);
    const other = sides.find((side) => side.name === peer);
    if (!own || !other) return [];
    const rounds = own.runs.map((run, round) => timesBetter(run, other.runs[round] ?? {}, bench));
    const times = timesBetter(own.medians, other.medians, bench);
    const ranges = Object.keys(times).map((name): [string, [number, number]] => {
      const all = rounds.map((round) => round[name] ?? Number.NaN);
      return [name, [Math.min(...all), Math.max(...all)]];
    });
    return [{ ours, peer, times, rounds: Object.fromEntries(ranges) }];
  });
}

function timesBetter(own: Measurement, other: Measurement, { metrics }: Bench): Measurement {
  const times = Object.entries(metrics).flatMap(([name, { better }]): [string, number][] => {
    const [mine, theirs] = [own[name], other[name]];
    if (mine === undefined || theirs === undefined) return [];
    return [[name, better === 'less' ? theirs / mine : mine / theirs]];
  });
  return Object.fromEntries(times);
}

const describe = (measurement: Measurement, { metrics }: Bench) =>
  Object.entries(metrics)
    .filter(([name]) => measurement[name] !== undefined)
    .map(([name, { unit }]) => `${name} ${figure(measurement[name])} ${unit}`)
    .join(', ');

/** Three digits say all that a measurement knows. */
function figure(value = Number.NaN): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

/** The result as a table for a terminal. */
export function tableOf(result: BenchResult, { metrics }: Bench): string {
  const names = Object.keys(metrics);
  const rows = [
    [result.bench, ...names.map((name) => `${name} (${metrics[name]?.unit})`)],
    ...result.sides.map(({ name, medians }) => [name, ...names.map((metric) => cell(medians[metric]))]),
    ...result.ratios.map(({ ours, peer, times, rounds }) => [
      `${ours} : ${peer}`,
      ...names.map((metric) =>
        times[metric] === undefined ? '' : `${figure(times[metric])}× (${rounds[metric]?.map(figure).join('–')})`,
      ),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  return [result.title, ...lines, ...result.skipped.map((reason) => `not measured: ${reason}`)].join('\n');
}

const cell = (value: number | undefined) => (value === undefined ? '' : figure(value));

/** What figures mean nothing without. */
export function describeMachine(): Record<string, string> {
  return {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: String(cpus().length),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: firstLineOf('uname', ['-sr']),
    node: process.version,
    java: firstLineOf('java', ['-version']),
    version: JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version,
    commit: firstLineOf('git', ['describe', '--always', '--dirty']),
  };
}

function firstLineOf(command: string, args: readonly string[]): string {
  try {
    // java writes its version to stderr.
    const output = execFileSync('sh', ['-c', '"$0" "$@" 2>&1', command, ...args], { encoding: 'utf8' });
    return output.split('\n')[0] ?? 'unknown';
  } catch {
    return 'absent';
  }
}
