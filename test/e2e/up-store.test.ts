import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { countWithAwk, userLogPositions } from '../_support/count-with-awk.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { stores } from './_stores.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');
const ports = ['--port', '0', '--broker-port', '0'];

async function upOnce(folder: string, ...flags: string[]) {
  const { code, stdout, stderr } = await runDashctl(['up', sample, '--rate', 'max', '--once', ...ports, ...flags], {
    cwd: folder,
  });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).pipelines as Record<string, { totals: Record<string, number>; windows: number }>;
}

/** What is stored, by pipeline and value, and in how many windows. */
async function stored(folder: string, ...flags: string[]) {
  const { code, stdout, stderr } = await runDashctl(['export', '--format', 'json', ...flags], { cwd: folder });
  expect(code, stderr).toBe(0);
  const sums: Record<string, { totals: Record<string, number>; windows: number }> = {};
  for (const line of stdout.split('\n').filter(Boolean)) {
    const { pipeline, counts }: { pipeline: string; counts: Record<string, number> } = JSON.parse(line);
    const own = sums[pipeline] ?? { totals: {}, windows: 0 };
    sums[pipeline] = own;
    own.windows += 1;
    for (const [key, count] of Object.entries(counts)) own.totals[key] = (own.totals[key] ?? 0) + count;
  }
  return sums;
}

const doubled = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count * 2]));

describe('up', () => {
  test('keeps windows and totals between runs, beside the data of its broker', async () => {
    const folder = temporaryFolder();
    const first = await upOnce(folder);
    expect(existsSync(join(folder, '.dashctl', 'dashctl.sqlite'))).toBe(true);
    const second = await upOnce(folder);
    const after = await stored(folder);
    for (const [name, position] of Object.entries(userLogPositions)) {
      const counts = countWithAwk(sample, position);
      expect(first[name]?.totals, name).toEqual(counts);
      expect(second[name]?.totals, name).toEqual(counts);
      expect(after[name]?.totals, name).toEqual(doubled(counts));
      expect(after[name]?.windows, name).toBe((first[name]?.windows ?? 0) + (second[name]?.windows ?? 0));
    }
  });

  test('its page shows the history of earlier runs', async () => {
    const folder = temporaryFolder();
    await upOnce(folder);
    const up = dashctl(['up', sample, '--limit', '1', '--headless', ...ports], { cwd: folder });
    onTestFinished(async () => void (await up.stop()));
    const [url] = await up.waitFor(/http:\S+/);
    const totals: Record<string, { counts: Record<string, number> }> = JSON.parse(
      await (await fetch(`${url}/api/totals`)).text(),
    );
    const female = countWithAwk(sample, userLogPositions.gender)[0] ?? 0;
    expect(totals.gender?.counts[0]).toBeGreaterThanOrEqual(female);
  });

  test('--fresh removes what is stored, with the data of the broker', async () => {
    const folder = temporaryFolder();
    await upOnce(folder);
    const { gender } = await upOnce(folder, '--fresh', '--limit', '10');
    expect((await stored(folder)).gender).toEqual(gender && { totals: gender.totals, windows: gender.windows });
  });

  test('a store in the data directory that is gone is filled again from the topics', async () => {
    const folder = temporaryFolder();
    const first = await upOnce(folder, '--store', 'memory:');
    expect(existsSync(join(folder, '.dashctl', 'dashctl.sqlite'))).toBe(false);
    await upOnce(folder, '--limit', '1');
    const { gender } = await stored(folder);
    expect(gender?.windows).toBeGreaterThan(first.gender?.windows ?? 0);
  });
});

describe.each(stores)('up --store on $name', ({ available, startStore }) => {
  test.skipIf(!available)('keeps history there, which --fresh leaves alone', async () => {
    const folder = temporaryFolder();
    const store = await startStore(folder);
    onTestFinished(async () => void (await store.stop()));
    const where = ['--store', store.location];
    const { gender } = await upOnce(folder, ...where);
    expect(gender?.totals).toEqual(countWithAwk(sample, userLogPositions.gender));
    await upOnce(folder, '--fresh', ...where);
    expect((await stored(folder, ...where)).gender?.totals).toEqual(doubled(gender?.totals ?? {}));
    expect(existsSync(join(folder, '.dashctl', 'dashctl.sqlite'))).toBe(false);
  });
});
