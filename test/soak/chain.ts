import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import { type Dashctl, dashctl } from '../_support/dashctl.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');

/** Five pipelines with ten windows a second each. */
const window = 100;
export const windowsPerSecond = (builtInPipelines.length * 1_000) / window;
/** Rows a second: enough that every window of every pipeline holds some. */
const rate = 250;

export interface SoakChain {
  url: string;
  /** Processes by the name of their stage. */
  pids: Record<string, number>;
  /** Rejects when a stage ends before it is stopped. */
  ended: Promise<never>;
  stop(): Promise<void>;
}

/** The whole chain, each stage in a process of its own as it runs for days: real rows, counted, stored and served. */
export async function startChain(): Promise<SoakChain> {
  const folder = mkdtempSync(join(tmpdir(), 'dashctl-soak-'));
  const config = join(folder, 'dashctl.json');
  const stages: Dashctl[] = [];
  const pids: Record<string, number> = {};
  const start = async (ready: RegExp, command: string, ...args: string[]) => {
    const stage = dashctl([command, ...args], { cwd: folder });
    stages.push(stage);
    pids[command] = stage.process.pid ?? 0;
    const [found] = await stage.waitFor(ready);
    return found;
  };
  const stop = async () => {
    // The last one first, so that none complains of one that is gone.
    for (const stage of stages.toReversed()) await stage.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const address = await start(/127\.0\.0\.1:\d+/, 'broker', '--port', '0', '--data-dir', join(folder, 'broker'));
    const pipelines = builtInPipelines.map((pipeline) => ({ ...pipeline, window }));
    writeFileSync(config, JSON.stringify({ brokers: address, pipelines }));
    await start(/counting gender/, 'aggregate');
    const url = await start(/http:\S+/, 'serve', '--port', '0', '--store', 'sqlite:windows.sqlite');
    await start(/replaying/, 'produce', sample, '--loop', '--rate', String(rate));
    const endings = stages.map(async (stage) => {
      const { code } = await stage.ended;
      throw new Error(`a stage ended with ${code}\n${stage.stderr().slice(-2_000)}`);
    });
    const ended = Promise.race(endings);
    // A stop ends them too, when nobody waits any more.
    for (const ending of [...endings, ended]) ending.catch(() => {});
    return { url, pids, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
