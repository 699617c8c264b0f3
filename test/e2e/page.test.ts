import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import { loadPages } from '../../src/web/pages.ts';
import { windowAt } from '../store/_contract.ts';
import { noBrowser } from './_browser-pages.ts';
import { figure, knownWindows, pagesInChromium, second, text, texts, waitForFigure } from './_pages.ts';

describe.skipIf(noBrowser)('the big screen in Chromium', () => {
  const { serve, visit } = pagesInChromium();

  test('shows the numbers of the windows, from the first message on and with each further one', async () => {
    const { port, bring } = await serve();
    const last = second() - 2;
    await bring(...knownWindows(last));
    const { page, complaints } = await visit(port);
    await waitForFigure(page, 'figure-female', '47');
    await waitForFigure(page, 'figure-male', '34');
    await waitForFigure(page, 'total-female', '56');
    await waitForFigure(page, 'total-male', '36');
    await waitForFigure(page, 'total-unknown', '19');
    expect((await texts(page, '.figure small'))[0]).toMatch(/▲ 43\s*占 58\.0 %/);
    expect(await page.getByRole('img', { name: '商品类别: 1271 60, 662 40, 389 11' }).count()).toBe(1);
    expect(
      await page
        .getByRole('img', {
          name: /^行为: 点击 90, 加入购物车 0 .*购买 20 占点击 22\.2 %, 关注 1 占点击 1\.1 %/,
        })
        .count(),
    ).toBe(1);
    expect(await page.getByRole('img', { name: /年龄: .*25–29 50.*≥50 30, 未知 31/ }).count()).toBe(1);
    expect(await page.getByRole('img', { name: '收货省份: 浙江 100, 上海市 11' }).count()).toBe(1);
    expect(await page.getByRole('img', { name: /每秒购物人数.*女生 47, 男生 34/ }).count()).toBe(1);

    await bring(windowAt(last + 1, { 0: 1_048, 1: 3 }));
    await waitForFigure(page, 'figure-female', '1,048');
    await waitForFigure(page, 'total-female', '1,104');
    await bring(windowAt(last + 1, { 0: 1_049, 1: 3 }, { revision: 1 }));
    await waitForFigure(page, 'figure-female', '1,049');
    await waitForFigure(page, 'total-female', '1,105');
    expect(complaints).toEqual([]);
  });

  test('shows the unknown when asked', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page } = await visit(port);
    await page.getByText('未知 19 人未计入').waitFor();
    expect(await figure(page, 'figure-unknown').count()).toBe(0);
    await page.getByRole('button', { name: '显示' }).click();
    await waitForFigure(page, 'figure-unknown', '19');
    await page.reload();
    await waitForFigure(page, 'figure-unknown', '19');
    await page.keyboard.press('u');
    await page.getByText('未知 19 人未计入').waitFor();
  });

  test('tells how far each stage has come, as far as it is known', async () => {
    const { port, bring, live } = await serve();
    await bring(...knownWindows(second() - 1));
    live.status({ stored: 111, late: 2 });
    const { page } = await visit(port);
    const line = page.locator('.pipeline-line');
    await line.getByText('入库 111').waitFor();
    expect(await text(page, '.pipeline-line')).not.toContain('读取');
    live.status({ rowsRead: 114, rejected: 1, counted: 111, lag: 0 });
    await line.getByText('读取 114').waitFor();
    expect(await text(page, '.pipeline-line')).toMatch(
      /^读取 114 ▸ 计数 111 ▸ 入库 111 ✓ 一致 迟到 2 拒收 1 积压 0 延迟 \d\.\d\d s$/,
    );
    await page.getByRole('link', { name: '流水线详情' }).click();
    await page.waitForURL('**/pipeline');
  });

  test('comes back by itself after the server has been started again, with what happened meanwhile', async () => {
    const first = await serve();
    await first.bring(...knownWindows(second() - 1));
    const { page, complaints } = await visit(first.port);
    await waitForFigure(page, 'figure-female', '47');
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));
    await first.app.close();
    await page.getByText('与服务器的连接断了').waitFor();
    expect(await text(page, '.figure-female strong')).toBe('47');

    const again = await serve({}, first.port);
    await again.bring(...knownWindows(second() - 1), windowAt(second(), { 0: 12, 1: 8 }));
    await waitForFigure(page, 'figure-female', '12');
    await waitForFigure(page, 'total-female', '68');
    expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true);
    await page.getByText('与服务器的连接断了').waitFor({ state: 'detached' });
    // The browser itself says that nobody answered; the page says nothing.
    expect(complaints.filter((line) => !/WebSocket connection to .* failed/.test(line))).toEqual([]);
  });

  test('says what is missing, and what to do, while there is nothing to show and when nothing comes any more', async () => {
    const { port, bring } = await serve();
    const { page } = await visit(port);
    await page.getByText('还没有窗口').waitFor();
    await page.getByText('dashctl up data/user_log.csv').waitFor();
    await bring(...knownWindows(second() - 1));
    await waitForFigure(page, 'figure-female', '47');
    await page.getByText(/^已 .* 没有新窗口$/).waitFor();
  });

  test('leaves out what does not run, and fills the screen with the rest', async () => {
    const pipelines = builtInPipelines.filter(({ name }) => name === 'category' || name === 'age');
    const { port, bring } = await serve({ pipelines });
    await bring(...knownWindows(second() - 1));
    const { page, complaints } = await visit(port);
    await page.getByRole('heading', { name: '商品类别' }).waitFor();
    expect(await texts(page, 'h2')).toEqual(['年龄', '商品类别']);
    const boxes = await Promise.all((await page.locator('.panel').all()).map((panel) => panel.boundingBox()));
    const right = Math.max(...boxes.map((box) => (box ? box.x + box.width : 0)));
    expect(right).toBeCloseTo(1_900, 0);
    expect(complaints).toEqual([]);
  });

  test('speaks both languages and shows both themes, and remembers the choice', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page, complaints } = await visit(port, { colorScheme: 'light' });
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    await waitForFigure(page, 'figure-female', '47');
    expect(await ground()).toBe('rgb(246, 247, 249)');
    await page.getByRole('button', { name: 'Switch to English' }).click();
    await page.getByRole('heading', { name: 'Shoppers per second by gender' }).waitFor();
    await page.getByRole('button', { name: 'Switch to dark' }).click();
    expect(await ground()).toBe('rgb(11, 15, 23)');
    await page.reload();
    await page.getByRole('heading', { name: 'Shoppers per second by gender' }).waitFor();
    expect(await ground()).toBe('rgb(11, 15, 23)');
    expect(/[\u4e00-\u9fff]/.test((await text(page, '.page')).replaceAll('中', ''))).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('saves the chart as a picture', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page, complaints } = await visit(port, { acceptDownloads: true });
    await waitForFigure(page, 'figure-female', '47');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '保存为图片' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^dashctl-.*\.png$/);
    const picture = readFileSync(await download.path());
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([3_200, 1_800]);
    expect(complaints).toEqual([]);
  });

  test.each([
    [3_840, 2_160],
    [1_920, 1_080],
    [1_280, 720],
  ])('fits a screen of %i × %i without scrolling, text included', async (width, height) => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page } = await visit(port, { viewport: { width, height } });
    await waitForFigure(page, 'figure-female', '47');
    const size = await page.evaluate('[document.documentElement.scrollWidth, document.documentElement.scrollHeight]');
    expect(size).toEqual([width, height]);
  });

  test('puts the right column below where three do not fit', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page } = await visit(port, { viewport: { width: 1_024, height: 768 } });
    await waitForFigure(page, 'figure-female', '47');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1_024);
    const [middle, right] = [page.locator('.middle'), page.locator('.side-right')];
    const [above, below] = [await middle.boundingBox(), await right.boundingBox()];
    expect(below?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0));
    expect(above?.width).toBeGreaterThan(600);
  });

  test('is one column on a phone: numbers, chart, pipeline line, then the rest', async () => {
    const { port, bring, live } = await serve();
    await bring(...knownWindows(second() - 1));
    live.status({ rowsRead: 114, rejected: 1, counted: 111, stored: 111 });
    const { page } = await visit(port, { viewport: { width: 390, height: 844 } });
    await waitForFigure(page, 'figure-female', '47');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    const top = async (selector: string) => (await page.locator(selector).boundingBox())?.y ?? Number.NaN;
    const tops = [await top('.last-second'), await top('.chart'), await top('.pipeline-line'), await top('.totals')];
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
  });
});

test('the first load is at most 350 KB compressed', async () => {
  const pages = await loadPages('zh');
  const start = pages.get('/')?.body.toString() ?? '';
  // What the browser loads without being asked for another page.
  const parts = [...start.matchAll(/(?:src|href)="\.(\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(parts.map((path) => path.replace(/^.*\./, '')).sort()).toEqual(expect.arrayContaining(['css', 'js']));
  const sizes = ['/', ...parts].map((path) => {
    const page = pages.get(path);
    expect(page, path).toBeDefined();
    return (page?.encoded.br ?? page?.encoded.gzip ?? page?.body)?.length ?? 0;
  });
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(350_000);
});
