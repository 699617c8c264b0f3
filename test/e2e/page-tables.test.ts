import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { WindowCount } from '../../src/records/window-count.ts';
import type { WindowStore } from '../../src/records/window-store.ts';
import { chromiumPath } from '../_support/chromium.ts';
import { windowAt } from '../store/_contract.ts';
import { browserPages, seriousFaults } from './_browser-pages.ts';

const second = () => Math.floor(Date.now() / 1_000);
const utc = { timezoneId: 'UTC' };

/** So many seconds of two pipelines, up to a second; no two windows of gender have the same total. */
function knownWindows(last: number, seconds: number): WindowCount[] {
  return Array.from({ length: seconds }, (_, index) => last - seconds + 1 + index).flatMap((at, index) => [
    windowAt(at, { 0: 1_000 + ((index * 37) % seconds), 1: 20, 2: 5, NULL: 2 }, { lateDropped: 3 }),
    windowAt(at, { [`c${index % 3}`]: 60, c9: 40, NULL: 1 }, { pipeline: 'category' }),
  ]);
}

const clock = (time: number) => new Date(time).toISOString().slice(11, 19);
const count = (value: number) => value.toLocaleString('en-US');
const totalOf = ({ counts }: WindowCount) => [...counts.values()].reduce((sum, value) => sum + value, 0);

/** The row of a window of gender, as it has to be read. */
const rowOf = (window: WindowCount) => {
  const of = (...keys: string[]) => keys.reduce((sum, key) => sum + (window.counts.get(key) ?? 0), 0);
  return [
    `${new Date(window.start).toISOString().slice(0, 10)} ${clock(window.start)} – ${clock(window.end)}`,
    ...[window.revision, window.lateDropped, totalOf(window), of('0'), of('1'), of('2', 'NULL', '')].map(count),
  ];
};

const cellsOfRows = `[...document.querySelectorAll('.tables-table tbody tr')].map((row) =>
  [...row.querySelectorAll('th, td:not(.cell-fill)')].map((cell) => cell.innerText))`;
const rowsOf = async (page: Page) =>
  (await page.evaluate<string[][]>(cellsOfRows)).map((cells) => cells.map((cell) => cell.replace(/\s+/g, ' ').trim()));
const textOf = async (page: Page) => (await page.locator('main').allInnerTexts()).join();
const patiently = { timeout: 15_000 };
const newestFirst = async (store: WindowStore) => (await store.series('gender')).toReversed();
const footerOf = (page: Page, text: string) => page.locator('.tables-count').getByText(text, { exact: true }).waitFor();

describe.skipIf(!chromiumPath && !process.env.CI)('the tables in Chromium', () => {
  const { serve, visit } = browserPages();

  async function tables(path: string, options: Parameters<typeof visit>[2] = {}, seconds = 120) {
    const server = await serve();
    const last = second() - 1;
    if (seconds > 0) await server.bring(...knownWindows(last, seconds));
    return { ...server, last, ...(await visit(server.port, path, { ...utc, ...options })) };
  }

  test('show the windows that are stored, the newest first, a page at a time', async () => {
    const { page, store, complaints } = await tables('/tables');
    const stored = (await newestFirst(store)).map(rowOf);
    await footerOf(page, '第 1–50 行，共 120 行');
    expect(await rowsOf(page)).toEqual(stored.slice(0, 50));
    await page.getByRole('button', { name: '下一页' }).click();
    await footerOf(page, '第 51–100 行，共 120 行');
    expect(await rowsOf(page)).toEqual(stored.slice(50, 100));
    await page.getByRole('combobox', { name: '每页行数' }).selectOption('25');
    await footerOf(page, '第 1–25 行，共 120 行');
    await page.getByRole('button', { name: '最后一页' }).click();
    await footerOf(page, '第 101–120 行，共 120 行');
    expect(await rowsOf(page)).toEqual(stored.slice(100));
    expect(await page.getByRole('columnheader', { name: '时间 (UTC)' }).count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('are sorted by total and by time, both ways, and say so', async () => {
    const { page, store } = await tables('/tables?size=200');
    const stored = await newestFirst(store);
    const bySize = stored.toSorted((a, b) => totalOf(b) - totalOf(a)).map(rowOf);
    const sorted = (name: string) => page.getByRole('columnheader', { name }).getAttribute('aria-sort');
    const press = (name: string) => page.getByRole('button', { name, exact: true }).press('Enter');
    await footerOf(page, '第 1–120 行，共 120 行');
    expect(await sorted('时间')).toBe('descending');
    await press('合计');
    await expect.poll(() => rowsOf(page), patiently).toEqual(bySize);
    expect([await sorted('合计'), await sorted('时间')]).toEqual(['descending', null]);
    await press('合计');
    await expect.poll(() => rowsOf(page), patiently).toEqual(bySize.toReversed());
    expect(await sorted('合计')).toBe('ascending');
    await press('时间 (UTC)');
    await press('时间 (UTC)');
    await expect.poll(() => rowsOf(page), patiently).toEqual(stored.map(rowOf).toReversed());
  });

  test('are narrowed down by value and time, and the address reproduces the view', async () => {
    const { page, last, port } = await tables('/tables?pipeline=category');
    await footerOf(page, '第 1–50 行，共 120 行');
    expect((await rowsOf(page))[0]?.slice(-2)).toEqual(['101', 'c2: 60 · c9: 40 · 未知: 1']);
    await page.getByRole('combobox', { name: '取值' }).fill('c1');
    await footerOf(page, '第 1–40 行，共 40 行');
    expect(await page.getByRole('columnheader', { name: 'c1' }).count()).toBe(1);
    await page.getByRole('button', { name: '自定义' }).click();
    await page.getByLabel('从').fill(new Date((last - 29) * 1_000).toISOString().slice(0, 19));
    await footerOf(page, '第 1–10 行，共 10 行');

    const address = page.url().replace(/^http:\/\/[^/]+/, '');
    const shown = await rowsOf(page);
    const other = await visit(port, address, utc);
    await footerOf(other.page, '第 1–10 行，共 10 行');
    expect(await rowsOf(other.page)).toEqual(shown);
    expect(await other.page.getByRole('combobox', { name: '取值' }).inputValue()).toBe('c1');

    await page.getByRole('combobox', { name: '取值' }).fill('nowhere');
    await page.getByText('没有符合条件的行').waitFor();
    await page.getByRole('button', { name: '清除筛选' }).first().click();
    await footerOf(page, '第 1–50 行，共 120 行');
  });

  test('are sums per minute and hour when asked', async () => {
    const { page, store } = await tables('/tables?resolution=hour');
    const hours = await store.series('gender', { resolution: 'hour' });
    await footerOf(page, `第 1–${hours.length} 行，共 ${hours.length} 行`);
    expect((await rowsOf(page)).map(([, total]) => total)).toEqual(hours.toReversed().map(totalOf).map(count));
    expect(await page.getByRole('columnheader', { name: '修订' }).count()).toBe(0);
  });

  test('show the values with their counts and shares, what is not known marked as that', async () => {
    const { page, store, complaints } = await tables('/tables');
    await page.getByRole('tab', { name: '窗口' }).press('ArrowRight');
    await footerOf(page, '第 1–4 行，共 4 行');
    expect(await page.getByRole('tab', { name: '取值', selected: true }).count()).toBe(1);
    const { counts } = await store.totals('gender');
    const total = [...counts.values()].reduce((sum, value) => sum + value, 0);
    const share = (key: string) => `${(((counts.get(key) ?? 0) / total) * 100).toFixed(1)} %`;
    expect(await rowsOf(page)).toEqual(
      ['0', '1', '2', 'NULL'].map((key, index) => [
        ['女生', '男生', '未知', '未知'][index],
        key,
        count(counts.get(key) ?? 0),
        share(key),
      ]),
    );
    await page.getByRole('searchbox', { name: '查找取值' }).fill('男');
    await footerOf(page, '第 1–1 行，共 1 行');
    expect((await rowsOf(page))[0]).toEqual(['男生', '1', '2,400', share('1')]);
    expect(complaints).toEqual([]);
  });

  test('come as a file with all rows that match, not the page', async () => {
    const { page, store } = await tables('/tables?size=25&sort=total', { acceptDownloads: true });
    await footerOf(page, '第 1–25 行，共 120 行');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: '下载 CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('gender-windows.csv');
    const [names, ...lines] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split(/\r?\n/);
    expect(names).toBe('start,end,revision,late_dropped,total,values,0,1,2,NULL');
    const stored = (await store.series('gender')).toSorted((a, b) => totalOf(b) - totalOf(a));
    const times = ({ start, end }: WindowCount) => [start, end].map((time) => new Date(time).toISOString());
    expect(lines).toEqual(
      stored.map((window) =>
        [...times(window), window.revision, window.lateDropped, totalOf(window), 4, ...window.counts.values()].join(),
      ),
    );
  });

  test('take in new windows, except while they are paused or somebody reads further down', async () => {
    const { page, last, bring, complaints } = await tables('/tables', { clock: true });
    const top = async () => (await rowsOf(page))[0]?.[3];
    await footerOf(page, '第 1–50 行，共 120 行');
    await bring(windowAt(last + 1, { 0: 4_321 }));
    await expect.poll(top, patiently).toBe('4,321');

    const region = page.getByRole('region', { name: '性别: 每个窗口的计数' });
    await region.focus();
    await page.keyboard.press('End');
    await page.getByText('滚动到顶部后继续更新').waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await bring(windowAt(last + 2, { 0: 5_432 }));
    // Twice as long as it takes rows to be asked for again.
    await page.clock.fastForward(6_000);
    await page.evaluate('fetch("/healthz")');
    expect(asked.map((url) => new URL(url).pathname)).toEqual(['/healthz']);
    await page.keyboard.press('Home');
    await expect.poll(top, patiently).toBe('5,432');

    await page.getByRole('button', { name: '暂停更新' }).click();
    await page.getByText('已暂停更新').waitFor();
    await bring(windowAt(last + 3, { 0: 6_543 }));
    await page.getByRole('button', { name: '继续更新' }).click();
    await expect.poll(top, patiently).toBe('6,543');
    expect(complaints).toEqual([]);
  });

  test('say what is missing and what to do, and keep what they show while the server is away', async () => {
    const { page, app, bring, last, port } = await tables('/tables', {}, 0);
    await page.getByText('还没有窗口').waitFor();
    await page.getByText('dashctl up data/user_log.csv').waitFor();
    await bring(windowAt(last, { 0: 7 }));
    await footerOf(page, '第 1–1 行，共 1 行');
    await app.close();
    await page.getByText(/^没能更新，下面是 .* 的数据$/).waitFor();
    expect(await rowsOf(page)).toHaveLength(1);

    const again = await serve({}, port);
    await again.bring(windowAt(last, { 0: 7 }), windowAt(last + 1, { 0: 8 }));
    await footerOf(page, '第 1–2 行，共 2 行');
    await page.getByText(/^没能更新/).waitFor({ state: 'detached' });
    await page.goto(`http://127.0.0.1:${port}/tables?from=2000&to=1000`);
    await page.getByText('开始时间晚于结束时间').waitFor();
  });

  test.each(['windows', 'values'])('speak one language at a time: %s', async (view) => {
    const { page, complaints } = await tables(`/tables?view=${view}&range=custom&from=0`, { colorScheme: 'light' });
    await page.locator('tbody tr').first().waitFor();
    const words = async () => (await textOf(page)).replace(/NULL|CSV|UTC/g, '').match(/[A-Za-z]{2,}/g) ?? [];
    expect(await words()).toEqual([]);
    await page.getByRole('button', { name: 'Switch to English' }).click();
    await page.getByRole('heading', { name: 'Tables' }).waitFor();
    expect(await textOf(page)).not.toMatch(/[\u4e00-\u9fff]/);
    const names = await page.evaluate<string[]>(
      "[...document.querySelectorAll('main [aria-label]')].map((one) => one.ariaLabel)",
    );
    expect(names.length).toBeGreaterThan(5);
    expect(names.join()).not.toMatch(/[\u4e00-\u9fff]/);
    expect(complaints).toEqual([]);
  });

  test.each([
    ['/tables?range=custom', 'dark', '性别'],
    ['/tables?pipeline=category&key=c9', 'light', '商品类别'],
    ['/tables?view=values', 'light', '性别'],
    ['/tables?key=nowhere', 'dark', '没有符合条件的行'],
  ] as const)('can be used without sight and without a mouse: %s, %s', async (path, colorScheme, shown) => {
    const { page } = await tables(path, { colorScheme });
    await page.getByText(shown).last().waitFor({ state: 'attached' });
    expect(await seriousFaults(page)).toEqual([]);
  });

  test.each([
    [390, 844, '/tables?pipeline=age'],
    [390, 844, '/tables?view=values&range=custom'],
    [1_280, 720, '/tables?pipeline=age&range=custom'],
  ])('fit a screen of %i × %i: only the rows scroll sideways', async (width, height, path) => {
    const { page, bring, last } = await tables(path, { viewport: { width, height } });
    await bring(windowAt(last, { 1: 1, 3: 50, 7: 20, 8: 10, 0: 31 }, { pipeline: 'age' }));
    await page.locator('tbody tr').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });
});
