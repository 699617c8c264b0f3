import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { loadPages } from '../../src/web/pages.ts';
import { chromiumFlags, chromiumPath } from '../_support/chromium.ts';
import { webServer } from '../web/_server.ts';

interface VisitOptions extends BrowserContextOptions {
  /** The test can turn the page's clock on. */
  clock?: boolean;
  /** Comes before the page is loaded. */
  prepare?: (page: Page) => Promise<unknown>;
}

/** On a machine of our own the browser may be missing; where every change is checked it may not. */
export const noBrowser = !chromiumPath && !process.env.CI;

/** Chromium for the tests of a file, and servers of the built pages for it to visit; what a test opens is closed after it. */
export function browserPages(language: 'zh' | 'en' = 'zh') {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof loadPages>>;
  const open: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    expect(chromiumPath, 'Chromium is installed').toBeDefined();
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumFlags });
    pages = await loadPages(language);
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
    /** A page at a path, and what it and the browser had to say on the console. */
    async visit(port: number, path: string, { clock = false, prepare, ...options }: VisitOptions = {}) {
      const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, ...options });
      open.push(context);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
      if (clock) await page.clock.install();
      await prepare?.(page);
      await page.goto(`http://127.0.0.1:${port}${path}`);
      return { page, context, complaints };
    },
  };
}

/** What axe finds in a page that keeps readers out: the rule and where it is broken. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
