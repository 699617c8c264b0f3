import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { countWithAwk, userLogPositions } from '../_support/count-with-awk.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { type BrokerProcess, brokers } from './_brokers.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');
const counted = countWithAwk(sample, userLogPositions.gender);
const folder = folderOfSuite();
let cluster: BrokerProcess;
let url: string;
beforeAll(async () => {
  const [embedded] = brokers;
  cluster = (await embedded?.startBroker(folder)) ?? expect.fail();
  const flags = ['--pipeline', 'gender', '--brokers', cluster.address];
  expect((await runDashctl(['produce', sample, '--rate', 'max', ...flags])).code).toBe(0);
  expect((await runDashctl(['aggregate', '--until-end', ...flags])).code).toBe(0);
});
afterAll(() => cluster?.stop());

const answerOf = async (path: string) => {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, text: await response.text() };
};

test('serve is ready when it has what the topics held, not while the broker is away, and again when that is back', async () => {
  const stage = dashctl(['serve', '--port', '0', '--pipeline', 'gender', '--brokers', cluster.address]);
  onTestFinished(async () => void (await stage.stop()));
  [url] = await stage.waitFor(/http:\S+/);
  await expect.poll(() => answerOf('/readyz'), { timeout: 20_000 }).toEqual({ status: 200, text: '{"ready":true}' });
  expect(JSON.parse((await answerOf('/api/totals')).text).gender.counts).toEqual(counted);

  const { text } = await answerOf('/metrics');
  expect(text).toContain('dashctl_ready 1\n');
  expect(text).toContain('dashctl_pipeline_records{pipeline="gender"} 10000\n');
  expect(text).toMatch(/dashctl_results_stored_total [1-9]/);
  expect(text).toMatch(/process_cpu_seconds_total \d/);

  const reasons = ['the broker does not answer'];
  await cluster.halt();
  await expect
    .poll(() => answerOf('/readyz'), { timeout: 20_000 })
    .toEqual({ status: 503, text: JSON.stringify({ ready: false, reasons }) });
  // What is stored is shown all the same.
  expect(JSON.parse((await answerOf('/api/totals')).text).gender.counts).toEqual(counted);
  expect((await answerOf('/healthz')).status).toBe(200);
  await cluster.start();
  await expect.poll(() => answerOf('/readyz'), { timeout: 30_000 }).toMatchObject({ status: 200 });
}, 90_000);
