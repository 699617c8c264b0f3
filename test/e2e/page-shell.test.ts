import { describe, expect, test } from 'vitest';
import { protocolVersion } from '../../src/web/messages.ts';
import { windowAt } from '../store/_contract.ts';
import { noBrowser } from './_browser-pages.ts';
import { knownWindows, pagesInChromium, second, text, texts, waitForFigure } from './_pages.ts';

describe.skipIf(noBrowser)('around the pages in Chromium', () => {
  const { serve, visit } = pagesInChromium();

  test('keys go to the pages and back, and do what the help says', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page, complaints } = await visit(port);
    await waitForFigure(page, 'figure-female', '47');
    const current = () => page.locator('nav [aria-current]').textContent();
    for (const [key, name] of [
      ['2', '图表'],
      ['3', '数据表'],
      ['4', '流水线'],
      ['5', '文档'],
      ['1', '大屏'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await current()).toBe(name);
      await page.locator('main h2').first().waitFor();
      expect(await page.title()).toContain(name === '大屏' ? '男女生' : name);
    }
    await page.keyboard.press('l');
    await page.getByRole('link', { name: 'Big screen' }).waitFor();
    await page.keyboard.press('t');
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard' });
    await help.waitFor();
    await page.keyboard.press('l');
    for (let tabs = 0; tabs < 4; tabs += 1) {
      await page.keyboard.press('Tab');
      // Past the last button the browser's own bar is next, never what lies below the dialog.
      expect(
        await page.evaluate(
          'document.activeElement.closest("dialog, body") !== null && !document.activeElement.closest(".page")',
        ),
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Big screen' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a pause holds the numbers, tells how many windows wait, and its end catches up at once', async () => {
    const { port, bring } = await serve();
    const last = second() - 4;
    await bring(...knownWindows(last));
    const { page } = await visit(port);
    await waitForFigure(page, 'figure-female', '47');
    await page.keyboard.press(' ');
    const mark = page.locator('.paused-mark');
    await mark.getByText('0 个窗口在等').waitFor();
    await bring(windowAt(last + 1, { 0: 1 }), windowAt(last + 2, { 0: 12 }));
    await mark.getByText('2 个窗口在等').waitFor();
    expect(await text(page, '.figure-female strong')).toBe('47');
    expect(await page.getByTestId('total-female').textContent()).toBe('56');
    await mark.getByRole('button', { name: '继续' }).click();
    await waitForFigure(page, 'figure-female', '12');
    await waitForFigure(page, 'total-female', '69');
    await mark.waitFor({ state: 'detached' });
  });

  test('a kiosk has nothing to press and no pointer, goes on through the pages, and is left with Escape', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page, complaints } = await visit(port, { path: '?kiosk' });
    await waitForFigure(page, 'figure-female', '47');
    expect(await page.locator('nav').count()).toBe(0);
    await page.locator('.page[data-idle="true"]').waitFor();
    expect(await page.locator('.header button:visible').count()).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.querySelector(".page")).cursor')).toBe('none');
    await page.keyboard.press('2');
    await page.waitForURL('**/charts?kiosk');
    await page.keyboard.press('1');
    await page.keyboard.press('Escape');
    await page.locator('nav').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.keyboard.press('k');
    await page.waitForURL('**/?kiosk');
    expect(complaints).toEqual([]);
  });

  test('a kiosk loads itself again when the server has become another version, and does so once', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    let connections = 0;
    const { page } = await visit(port, {
      path: '?kiosk',
      prepare: (unopened) =>
        unopened.routeWebSocket(/\/ws/, (socket) => {
          connections += 1;
          const server = socket.connectToServer();
          server.onMessage((message) => {
            const told = JSON.parse(String(message));
            socket.send(JSON.stringify({ ...told, version: protocolVersion + 1 }));
          });
        }),
    });
    await page.getByText('页面与服务器版本不同').waitFor();
    await expect.poll(() => connections).toBe(2);
    await page.getByText('页面与服务器版本不同').waitFor();
    // A page that goes on loading never comes to rest.
    await page.locator('.page[data-idle="true"]').waitFor();
    expect(connections).toBe(2);
  });

  test('thresholds are kept, told when they are crossed, and travel in a link', async () => {
    const { port, bring } = await serve();
    const last = second() - 3;
    await bring(...knownWindows(last));
    const { page, complaints } = await visit(port);
    await waitForFigure(page, 'figure-female', '47');
    await page.keyboard.press('a');
    const dialog = page.getByRole('dialog', { name: '阈值告警' });
    await dialog.getByLabel('看什么').selectOption({ label: '性别 女生' });
    await dialog.getByRole('spinbutton', { name: '阈值' }).fill('50');
    await dialog.getByRole('button', { name: '添加' }).click();
    await dialog.getByText('性别 女生 高于 50 / 窗口').waitFor();
    const link = await dialog.getByLabel('带这些阈值的看板链接').inputValue();
    await page.keyboard.press('Escape');
    const alert = page.getByRole('alert');
    expect(await page.locator('[role="alert"]').textContent()).toBe('');

    await bring(windowAt(last + 1, { 0: 51 }));
    await alert.getByText('告警：性别 女生 高于 50 / 窗口').waitFor();
    await page.locator('.figure-female[data-marked="true"]').waitFor();
    expect(await page.title()).toMatch(/^⚠/);
    await page.reload();
    await alert.getByText('告警：性别 女生 高于 50 / 窗口').waitFor();

    const wall = await visit(port, { path: new URL(link).search });
    await wall.page.getByRole('alert').getByText('告警：性别 女生 高于 50 / 窗口').waitFor();
    expect(await wall.page.locator('nav').count()).toBe(0);

    await bring(windowAt(last + 2, { 0: 3 }));
    await page.locator('.figure-female[data-marked="false"]').waitFor();
    expect([...complaints, ...wall.complaints]).toEqual([]);
  });

  test('numbers that are out of date are marked within three seconds', async () => {
    const { port, bring } = await serve();
    const { page } = await visit(port);
    await page.getByText('还没有窗口').waitFor();
    // The moments at which the page itself changed, whatever the test was doing then.
    await page.evaluate(`
      globalThis.moments = {};
      new MutationObserver(([{ target }]) => {
        moments[target.dataset.condition] ??= performance.now();
      }).observe(document.querySelector('.page'), { attributes: true });
    `);
    await bring(...knownWindows(second() - 1));
    await page.locator('.page[data-condition="stale"]').waitFor();
    const { live, stale } = await page.evaluate<{ live: number; stale: number }>('moments');
    expect(stale - live).toBeLessThanOrEqual(3_000);
    const colour = (selector: string) => page.evaluate(`getComputedStyle(document.querySelector('${selector}')).color`);
    expect(await colour('.figure-female strong')).toBe(await colour('.panel-header'));
  });

  test('has one heading of the first rank, landmarks, a way past the header, and a clock with its zone', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page } = await visit(port, { timezoneId: 'Asia/Shanghai' });
    await waitForFigure(page, 'figure-female', '47');
    expect(await texts(page, 'h1')).toHaveLength(1);
    for (const role of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
      expect(await page.getByRole(role).count(), role).toBe(1);
    }
    expect(await text(page, '.clock')).toMatch(/^\d\d:\d\d:\d\d UTC\+8$/);
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: '跳到主要内容' }).press('Enter');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
  });

  test('says so at an address without a page', async () => {
    const { port } = await serve();
    const { page } = await visit(port);
    await page.evaluate(`history.pushState(null, '', '/nothing'); dispatchEvent(new PopStateEvent('popstate'))`);
    await page.getByText('没有这个页面').waitFor();
    await page.getByRole('link', { name: '去大屏' }).click();
    await page.getByText('还没有窗口').waitFor();
  });

  test('a phone reaches all pages, in both languages, without scrolling sideways', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page } = await visit(port, { viewport: { width: 390, height: 844 } });
    await waitForFigure(page, 'figure-female', '47');
    for (const names of [
      ['图表', '大屏'],
      ['Docs', 'Big screen'],
    ]) {
      for (const name of names) {
        await page.getByRole('navigation').getByRole('link', { name }).click();
        expect(await page.locator('nav [aria-current]').textContent()).toBe(name);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      }
      await page
        .getByRole('button', { name: 'Switch to English' })
        .click({ timeout: 1_000 })
        .catch(() => undefined);
    }
  });
});
