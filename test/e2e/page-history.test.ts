import { describe, expect, test } from 'vitest';
import { windowAt } from '../store/_contract.ts';
import { noBrowser } from './_browser-pages.ts';
import { knownWindows, pagesInChromium, second, waitForFigure } from './_pages.ts';

const minute = 60;
const hour = 60 * minute;

/** A zone in which it is about noon now, so that neither midnight is near. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  // These are named by how far they are behind UTC.
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

describe.skipIf(noBrowser)('what is older than the page remembers, in Chromium', () => {
  const { serve, visit } = pagesInChromium();

  test('an hour is drawn as averages of the stored windows and those that come, and is in the address', async () => {
    const { port, bring, store } = await serve({ liveOptions: { history: 100 } });
    const last = 10 * Math.floor(second() / 10) - 1;
    const windows = Array.from({ length: 1_200 }, (_, index) => windowAt(last - index, { 0: 30, 1: 20 }));
    await store.put(windows.slice(1));
    await bring(windowAt(last, { 0: 35, 1: 20 }));
    const { page, complaints } = await visit(port);
    await waitForFigure(page, 'figure-female', '35');
    await page.getByRole('button', { name: '1 时' }).click();
    await page.getByRole('heading', { name: '每秒购物人数 · 10 秒 平均' }).waitFor();
    await page.getByRole('img', { name: /1 时的折线图，最新：女生 30\.5, 男生 20/ }).waitFor();
    await bring(...Array.from({ length: 10 }, (_, index) => windowAt(last + 1 + index, { 0: 41, 1: 7 })));
    await page.getByRole('img', { name: /女生 41, 男生 7/ }).waitFor();
    await page.reload();
    await page.getByRole('img', { name: /1 时的折线图，最新：女生 41, 男生 7/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('all is from the first window on', async () => {
    const { port, bring, store } = await serve();
    await store.put([windowAt(second() - 30 * hour, { 0: 7_200 })]);
    await bring(...knownWindows(second() - 1));
    const { page } = await visit(port, { path: '?range=all' });
    await page.getByRole('heading', { name: /每秒购物人数 · .*平均/ }).waitFor();
    await page.getByRole('img', { name: /全部的折线图/ }).waitFor();
  });

  test('says that it is reading, why it could not, and reads again when asked', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    const { page } = await visit(port, {
      path: '?range=all',
      prepare: (unopened) =>
        unopened.route('**/api/series*', async (route) => {
          asked += 1;
          if (asked > 1) return route.continue();
          await held;
          return route.fulfill({ status: 400, json: { error: 'no such time', hint: 'take another' } });
        }),
    });
    await page.getByText('正在读取历史……').waitFor();
    release();
    await page.getByText('读不到历史').waitFor();
    await page.getByText('no such time、take another').waitFor();
    await page.getByRole('button', { name: '再试一次' }).click();
    await page.getByRole('img', { name: /全部的折线图/ }).waitFor();
  });

  test('totals are over all, or since the reader’s midnight, to the window', async () => {
    const { port, bring, store } = await serve();
    const last = second() - 2;
    await store.put([windowAt(last - 20 * hour, { 0: 1_000, 1: 500 }), windowAt(last - 3 * hour, { 0: 100, 2: 10 })]);
    await bring(...knownWindows(last));
    const { page, complaints } = await visit(port, { timezoneId: zoneAtNoon() });
    await waitForFigure(page, 'total-female', '1,156');
    await page.getByRole('button', { name: '今日' }).click();
    await waitForFigure(page, 'total-female', '156');
    await waitForFigure(page, 'total-male', '36');
    await waitForFigure(page, 'total-unknown', '29');
    await bring(windowAt(last + 1, { 0: 4 }));
    await waitForFigure(page, 'total-female', '160');
    await page.getByRole('button', { name: '累计' }).click();
    await waitForFigure(page, 'total-female', '1,160');
    expect(complaints).toEqual([]);
  });
});
