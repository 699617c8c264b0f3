import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { chromiumFlags, chromiumPath } from '../_support/chromium.ts';
import { countWithAwk, userLogPositions } from '../_support/count-with-awk.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');
const spoken = (count: number) => count.toLocaleString('en-US');

describe.skipIf(!chromiumPath && !process.env.CI)('the chain in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    expect(chromiumPath, 'Chromium is installed').toBeDefined();
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumFlags });
  });
  afterAll(() => browser?.close());

  test('shows what the result topic holds, and goes on by itself when the server is started again', async () => {
    const broker = dashctl(['broker', '--port', '0', '--data-dir', temporaryFolder()]);
    onTestFinished(async () => void (await broker.stop()));
    const [address] = await broker.waitFor(/127\.0\.0\.1:\d+/);
    const brokers = ['--brokers', address];
    const aggregate = dashctl(['aggregate', ...brokers]);
    onTestFinished(async () => void (await aggregate.stop()));
    const first = dashctl(['serve', '--port', '0', ...brokers]);
    onTestFinished(async () => void (await first.stop()));
    const [url] = await first.waitFor(/http:\S+/);
    const port = new URL(url).port;

    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    onTestFinished(() => page.close());
    const complaints: string[] = [];
    let loads = 0;
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('load', () => {
      loads += 1;
    });
    await page.goto(url);
    const figure = (name: string, text: string) => page.getByTestId(name).getByText(text, { exact: true }).waitFor();

    expect((await runDashctl(['produce', sample, '--rate', 'max', ...brokers])).code).toBe(0);
    const once = countWithAwk(sample, userLogPositions.gender);
    await figure('total-female', spoken(once['0'] ?? 0));
    await figure('total-male', spoken(once['1'] ?? 0));
    const printed = await runDashctl(['tail', 'result', '-o', ':end', ...brokers]);
    const newest: Record<string, number>[] = JSON.parse(printed.stdout.trimEnd().split('\n').at(-1) ?? '');
    const last: Record<string, number> = Object.assign({}, ...newest);
    await figure('figure-female', spoken(last['0'] ?? 0));
    await figure('figure-male', spoken(last['1'] ?? 0));
    expect(complaints).toEqual([]);

    await first.stop();
    const second = dashctl(['serve', '--port', port, ...brokers]);
    onTestFinished(async () => void (await second.stop()));
    await second.waitFor(/http:\S+/);
    expect((await runDashctl(['produce', sample, '--rate', 'max', ...brokers])).code).toBe(0);
    await figure('total-female', spoken(2 * (once['0'] ?? 0)));
    await figure('total-male', spoken(2 * (once['1'] ?? 0)));
    expect(loads, 'the page was loaded once').toBe(1);
    // That the server was away for a moment, the browser itself says on the console; no page can keep it from that.
    expect(complaints.filter((text) => !/WebSocket connection to .* failed/.test(text))).toEqual([]);
  });
});
