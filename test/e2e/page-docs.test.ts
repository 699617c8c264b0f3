import { describe, expect, test } from 'vitest';
import { encodeWindowCount } from '../../src/records/window-count.ts';
import { chromiumPath } from '../_support/chromium.ts';
import { windowAt } from '../store/_contract.ts';
import { browserPages, seriousFaults } from './_browser-pages.ts';

const second = () => Math.floor(Date.now() / 1_000);

describe.skipIf(!chromiumPath && !process.env.CI)('the documentation in Chromium', () => {
  const { serve, visit } = browserPages();

  async function docs(path = '/docs', options: Parameters<typeof visit>[2] = {}) {
    const server = await serve();
    const newest = windowAt(second() - 1, { 0: 47, 1: 34, 2: 15, NULL: 4 });
    await server.bring(newest);
    return { ...server, newest, ...(await visit(server.port, path, options)) };
  }

  test('shows the newest window of this server as a record, and the next one as it comes', async () => {
    const { page, newest, bring, complaints } = await docs();
    const { key, value } = encodeWindowCount(newest);
    await page.getByText(`key: ${key}`).waitFor();
    await page.getByText(`value: ${value}`).waitFor();
    await page.getByText(encodeWindowCount(newest, 'object').value, { exact: true }).waitFor();
    const next = windowAt(newest.end / 1_000, { 0: 1, 1: 2 });
    await bring(next);
    await page.getByText(`key: ${encodeWindowCount(next).key}`).waitFor();
    expect(complaints).toEqual([]);
  });

  test('lists the routes that this server describes, and each link to try one is answered', async () => {
    const { page, app, port } = await docs();
    await page.getByRole('heading', { name: '/api/windows' }).waitFor();
    const described: { paths: Record<string, object> } = (await app.inject('/api/openapi.json')).json();
    const shown = await page.locator('.docs-route h4 code').allInnerTexts();
    expect(new Set(shown.map((text) => text.replace(/^[A-Z]+\s+/, '')))).toEqual(new Set(Object.keys(described.paths)));
    const links = await page.getByRole('link', { name: /^试一试/ }).all();
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) {
      const address = new URL((await link.getAttribute('href')) ?? '', `http://127.0.0.1:${port}/docs`);
      expect((await page.request.get(address.href)).status(), address.pathname).toBe(200);
    }
  });

  test('says so where the server does not describe itself, and stands all the same', async () => {
    const { port } = await serve();
    const { page } = await visit(port, '/');
    await page.route('**/api/openapi.json', (route) => route.fulfill({ status: 404, json: { error: 'none' } }));
    await page.goto(`http://127.0.0.1:${port}/docs`);
    await page.getByText('这台服务器没有提供 API 描述').waitFor();
    await page.getByText('示例窗口（服务器还没有窗口）').waitFor();
  });

  test('examples work as they are when they are copied', async () => {
    const { page, context, port } = await docs();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: '复制: 累计' }).click();
    await page.getByText('已复制').waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    const address = /^curl '([^']+)'$/.exec(copied)?.[1] ?? '';
    expect(new URL(address).port).toBe(String(port));
    expect(await (await page.request.get(address)).json()).toMatchObject({ gender: { counts: { 0: 47 } } });

    await page.getByRole('button', { name: /复制: 每分钟的合计/ }).click();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toContain('resolution=minute');
    const minutes = /'([^']+)'/.exec(await page.evaluate<string>('navigator.clipboard.readText()'))?.[1] ?? '';
    expect(await (await page.request.get(minutes)).json()).toMatchObject({ resolution: 'minute' });
  });

  test('links lead to its parts, from outside too', async () => {
    const { page } = await docs('/docs#columns');
    const top = async (id: string) => (await page.locator(`#${id}`).boundingBox())?.y;
    await expect.poll(() => top('columns'), { timeout: 10_000 }).toBeLessThan(200);
    const contents = page.getByRole('navigation', { name: '目录' });
    const links = await contents.getByRole('link').all();
    const targets = await Promise.all(links.map((link) => link.getAttribute('href')));
    expect(targets).toHaveLength(8);
    for (const target of targets) expect(await page.locator(`section${target}`).count(), `${target}`).toBe(1);
    await contents.getByRole('link', { name: '怎么读' }).press('Enter');
    await expect.poll(() => top('terms'), { timeout: 10_000 }).toBeLessThan(200);
    expect(new URL(page.url()).hash).toBe('#terms');
  });

  test('has its headings in order', async () => {
    const { page } = await docs();
    await page.getByRole('heading', { name: '/api/windows' }).waitFor();
    const levels = await page.evaluate<number[]>(
      "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(({ tagName }) => Number(tagName[1]))",
    );
    expect(levels[0]).toBe(1);
    levels.reduce((before, level) => {
      expect(level - before).toBeLessThanOrEqual(1);
      return level;
    });
  });

  test('speaks one language at a time', async () => {
    const { page, complaints } = await docs('/docs', { colorScheme: 'light' });
    await page.getByRole('heading', { name: '/api/windows' }).waitFor();
    // Names of the program are the same in both languages.
    const texts = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll('main :is(h2, h3, h4, p, dd, dt, th, td, li)')]
      .map((part) => {
        const copy = part.cloneNode(true);
        for (const code of copy.querySelectorAll('code, kbd, caption')) code.remove();
        return copy.textContent;
      })`);
    const english = texts.join('\n').match(/[A-Za-z]{2,}/g) ?? [];
    const terms = ['API', 'CSV', 'HTTP', 'ISO', 'JSON', 'Kafka', 'Node', 'Prometheus', 'Spark', 'UTF', 'WebSocket'];
    const known = new Set([...terms, 'Ctrl', 'auto', 'kcat', 'ms', 'object', 'result', 'format']);
    expect(english.filter((word) => !known.has(word))).toEqual([]);

    await page.getByRole('button', { name: 'Switch to English' }).click();
    await page.getByRole('heading', { name: 'Documentation' }).waitFor();
    expect((await page.locator('main').allInnerTexts()).join()).not.toMatch(/[\u4e00-\u9fff]/);
    expect(complaints).toEqual([]);
  });

  test.each(['dark', 'light'] as const)('can be used without sight and without a mouse: %s', async (colorScheme) => {
    const { page } = await docs('/docs', { colorScheme });
    await page.getByRole('heading', { name: '/api/windows' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  test('is one column on a phone, without scrolling sideways', async () => {
    const { page } = await docs('/docs', { viewport: { width: 390, height: 844 } });
    await page.getByRole('heading', { name: '/api/windows' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
