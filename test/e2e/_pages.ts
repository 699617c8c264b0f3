import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { WindowCount } from '../../src/records/window-count.ts';
import { loadPages } from '../../src/web/pages.ts';
import { chromiumFlags, chromiumPath } from '../_support/chromium.ts';
import { windowAt } from '../store/_contract.ts';
import { webServer } from '../web/_server.ts';

/** On a machine of our own the browser may be missing; where every change is checked it may not. */
export const noBrowser = !chromiumPath && !process.env.CI;

/** The newest window is that of a moment ago, so that the page is live. */
export const second = () => Math.floor(Date.now() / 1_000);

/** Three seconds of all pipelines: 5 + 4 + 47 women, 2 + 0 + 34 men, 19 of whom nothing is known. */
export function knownWindows(last: number): WindowCount[] {
  return [
    windowAt(last - 2, { 0: 5, 1: 2 }),
    windowAt(last - 1, { 0: 4 }),
    windowAt(last, { 0: 47, 1: 34, 2: 15, NULL: 4 }, { lateDropped: 2 }),
    windowAt(last, { 1271: 60, 662: 40, 389: 11 }, { pipeline: 'category' }),
    windowAt(last, { 0: 90, 2: 20, 3: 1 }, { pipeline: 'action' }),
    windowAt(last, { 3: 50, 7: 20, 8: 10, 0: 31 }, { pipeline: 'age' }),
    windowAt(last, { 浙江: 100, 上海市: 11 }, { pipeline: 'province' }),
  ];
}

/** A browser for the tests of a file, and a server of its own for each of them; both are closed by themselves. */
export function pagesInChromium() {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof loadPages>>;
  const open: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    expect(chromiumPath, 'Chromium is installed').toBeDefined();
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumFlags });
    pages = await loadPages('zh');
    expect([...pages.keys()], 'the pages are built').toContain('/');
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const opened of open.splice(0).reverse()) await opened.close();
  });

  return {
    async serve(options: Parameters<typeof webServer>[0] = {}, port = 0) {
      const server = await webServer({ pages, ...options });
      open.push(server.app);
      return { ...server, port: await server.listen(port) };
    },

    /** Opens a page in a browser of its own; `prepare` comes before it is loaded. */
    async visit(
      port: number,
      {
        path = '',
        prepare = async () => undefined,
        ...options
      }: BrowserContextOptions & { path?: string; prepare?: (page: Page) => Promise<unknown> } = {},
    ) {
      const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, ...options });
      open.push(context);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
      await prepare(page);
      await page.goto(`http://127.0.0.1:${port}/${path}`);
      return { page, complaints };
    },
  };
}

export const figure = (page: Page, name: string) => page.getByTestId(name);

export const waitForFigure = (page: Page, name: string, text: string) =>
  figure(page, name).getByText(text, { exact: true }).waitFor();

export const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts();

export const text = async (page: Page, selector: string) => (await texts(page, selector)).join().replace(/\s+/g, ' ');
