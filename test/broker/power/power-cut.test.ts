import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { DiskPace } from '../../../src/broker/log/disk-pace.ts';
import { startTestBroker } from '../../_support/broker.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { type Random, randomFrom } from '../server/_random-frames.ts';
import { check, type Expectation } from './_check.ts';
import { DiskDirectory } from './_disk.ts';
import { Ledger } from './_ledger.ts';
import { startMachine } from './_machine.ts';
import { createAll, work } from './_workload.ts';

// DASHCTL_CUTS=300 is the long form; DASHCTL_CUTS_SEED repeats, as far as the clock allows, a run that failed.
const cuts = Number(process.env.DASHCTL_CUTS ?? 12);
const seed = Number(process.env.DASHCTL_CUTS_SEED ?? 1);

type Level = 'os' | 'interval' | 'always';

/** Starts a broker whose minutes and seconds pass when the test wants it. */
async function startBroker(dataDir: string, fsync: Level) {
  const timers = vi.spyOn(globalThis, 'setInterval');
  const broker = await startTestBroker({ dataDir, fsync });
  const tasks = timers.mock.calls.filter(([, delay]) => delay === 60_000 || delay === 1_000).map(([task]) => task);
  timers.mockRestore();
  const maintain = () => {
    for (const task of tasks as (() => void)[]) task();
  };
  return { ...broker, maintain };
}

/** Runs a broker and its clients on a disk until, at some step, the power is cut or the process killed. */
async function runUntilOff(disk: DiskDirectory, ledger: Ledger, level: Level, random: Random) {
  const isKill = random(4) === 0;
  const atOnce = vi.spyOn(DiskPace.prototype, 'takesAtOnce').mockReturnValue(random(2) === 0);
  const root = temporaryFolder();
  const off = Promise.withResolvers<void>();
  let isOff = false;
  let stepsLeft = 1 + random(random(2) === 0 ? 60 : 1_000);
  let last = '';
  const machine = startMachine(root, disk, (step) => {
    if (--stepsLeft > 0) return;
    last = step;
    isOff = true;
    machine.stop();
    try {
      if (!isKill) disk.cut(random);
      off.resolve();
    } catch (error) {
      off.reject(error);
    }
  });
  try {
    const broker = await startBroker(join(root, 'data'), level);
    const workload = { port: broker.port, random, ledger, isOff: () => isOff, maintain: broker.maintain };
    await createAll(workload).then(() => work(workload));
    await off.promise;
    await broker.close();
    expect(broker.lines.filter((line) => line.level >= 50)).toEqual([]);
  } finally {
    machine.stop();
    atOnce.mockRestore();
  }
  return { isKill, moment: `${isKill ? 'killed' : 'cut'} before ${last}` };
}

/** Starts a broker on a copy of what the disk has now, and looks whether it has what it should. */
async function checkCopy(disk: DiskDirectory, ledger: Ledger, expectation: Expectation): Promise<void> {
  const root = temporaryFolder();
  startMachine(root, disk, () => {}).stop();
  const broker = await startTestBroker({ dataDir: join(root, 'data') });
  await check(broker.port, ledger, expectation).finally(() => broker.close());
  expect(broker.lines.filter((line) => line.level >= 50)).toEqual([]);
}

describe('whenever the power is cut or the process killed', { timeout: 60_000 + cuts * 10_000 }, () => {
  test.each<[Level, string]>([
    ['always', 'all that was acknowledged or read is there once, and nothing else'],
    ['interval', 'the log is the beginning of what it was'],
    ['os', 'the log is the beginning of what it was'],
  ])('with --fsync %s, %s', async (level) => {
    const disk = new DiskDirectory();
    const ledger = new Ledger();
    const random = randomFrom(seed);
    const moments: string[] = [];
    try {
      for (let cut = 0; cut < cuts; cut++) {
        const { isKill, moment } = await runUntilOff(disk, ledger, level, random);
        moments.push(moment);
        await checkCopy(disk, ledger, { isAll: isKill || level === 'always', isSafe: !isKill });
      }
    } catch (error) {
      throw new Error(`seed ${seed}, ${moments.length} rounds, the last ${moments.slice(-3).join(', ')}`, {
        cause: error,
      });
    }
  });
});
