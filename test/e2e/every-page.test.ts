import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { chromiumPath } from '../_support/chromium.ts';
import { type Dashctl, dashctl, runDashctl } from '../_support/dashctl.ts';
import { browserPages, seriousFaults } from './_browser-pages.ts';

const rows = 3_000;
const pipelines = ['gender', 'category', 'action', 'age', 'province'];
const spoken = (count: number) => count.toLocaleString('en-US');

/** What waits in a page until it is drawn with all its numbers. */
const isDrawn: Record<string, (page: Page) => Promise<unknown>> = {
  '/': (page) => page.getByTestId('total-female').filter({ hasNotText: /^0$/ }).waitFor(),
  '/charts?range=all': (page) => page.locator('.chart-canvas canvas').first().waitFor(),
  '/tables': (page) => page.locator('main tbody tr').first().waitFor(),
  '/pipeline': (page) => page.locator('main tbody tr').first().waitFor(),
  '/docs': (page) => page.locator('main').getByText('/api/series').first().waitFor(),
};

describe.skipIf(!chromiumPath && !process.env.CI)('the pages of a running up', () => {
  const { visit } = browserPages();
  const folder = mkdtempSync(join(tmpdir(), 'dashctl-test-'));
  let up: Dashctl;
  let port: number;
  /** The database's own sums, by pipeline and value. */
  const stored = new Map<string, Map<string, number>>();
  const countOf = (pipeline: string, ...values: string[]) =>
    values.reduce((sum, value) => sum + (stored.get(pipeline)?.get(value) ?? 0), 0);
  const sumOf = (pipeline: string) =>
    [...(stored.get(pipeline)?.values() ?? [])].reduce((sum, count) => sum + count, 0);

  beforeAll(async () => {
    const csv = join(folder, 'user_log.csv');
    await runDashctl(['generate', '--rows', String(rows), '--seed', '7', '--errors', '1%', '--out', csv]);
    const ports = ['--port', '0', '--broker-port', '0'];
    up = dashctl(['up', csv, '--rate', '1000', '--headless', ...ports, '--data-dir', join(folder, 'data')]);
    const [, taken] = await up.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
    port = Number(taken);
    const [, sent = ''] = await up.waitFor(/sex: (\S+) records of gender/);
    const database = new DatabaseSync(join(folder, 'data', 'dashctl.sqlite'), { readOnly: true });
    const sums = database.prepare('select pipeline, value, records from dashctl_totals');
    const readStored = () => {
      stored.clear();
      for (const { pipeline, value, records } of sums.iterate()) {
        const values = stored.get(String(pipeline)) ?? new Map<string, number>();
        stored.set(String(pipeline), values.set(String(value), Number(records)));
      }
      return pipelines.map(sumOf);
    };
    const all = Number(sent.replaceAll(/\D/g, ''));
    await vi.waitFor(() => expect(readStored()).toEqual(pipelines.map(() => all)), { timeout: 60_000 });
    database.close();
  }, 120_000);
  afterAll(async () => {
    await up?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('show the numbers of the database', async () => {
    const { page, complaints } = await visit(port, '/');
    const total = (name: string, count: number) =>
      page.getByTestId(`total-${name}`).getByText(spoken(count), { exact: true }).waitFor();
    await total('female', countOf('gender', '0'));
    await total('male', countOf('gender', '1'));
    await total('unknown', countOf('gender', '2', 'NULL', ''));
    const [[top = '', most = 0] = []] = [...(stored.get('category') ?? [])]
      .filter(([value]) => value !== 'NULL' && value !== '')
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    await page.getByRole('img', { name: new RegExp(`^商品类别: ${top} ${spoken(most)}, `) }).waitFor();

    await page.goto(`http://127.0.0.1:${port}/tables?view=values&pipeline=age`);
    const cells = page.locator('main tbody tr');
    const [oldest = '', count = 0] = [...(stored.get('age') ?? [])].sort(([, a], [, b]) => b - a)[0] ?? [];
    await cells.first().getByText(spoken(count), { exact: true }).waitFor();
    await cells.first().getByText(oldest, { exact: true }).waitFor();

    await page.goto(`http://127.0.0.1:${port}/charts?range=all&pipeline=gender`);
    const sumIs = (name: string, sum: number) =>
      page.getByRole('row', { name: new RegExp(`^${name} ${spoken(sum)}( |$)`) }).waitFor();
    await sumIs('女生', countOf('gender', '0'));
    await sumIs('男生', countOf('gender', '1'));

    await page.goto(`http://127.0.0.1:${port}/pipeline`);
    await page
      .locator('main')
      .getByText(spoken(sumOf('gender')), { exact: true })
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
  });

  describe.each(Object.keys(isDrawn))('%s', (path) => {
    test.each([
      ['zh', 'dark'],
      ['en', 'light'],
    ] as const)('keeps no reader out and has nothing to complain of in %s and %s', async (language, colorScheme) => {
      const { page, complaints } = await visit(port, path, { colorScheme });
      await page.evaluate((chosen) => localStorage.setItem('language', chosen), language);
      await page.reload();
      await isDrawn[path]?.(page);
      expect(await page.locator('html').getAttribute('lang')).toMatch(new RegExp(`^${language}`));
      expect(await seriousFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test('needs no scrolling to the side on a phone', async () => {
      const { page } = await visit(port, path, { viewport: { width: 390, height: 844 } });
      await isDrawn[path]?.(page);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    });
  });
});
