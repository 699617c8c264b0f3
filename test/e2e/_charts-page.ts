import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { WindowCount } from '../../src/records/window-count.ts';
import { windowAt } from '../store/_contract.ts';
import { browserPages } from './_browser-pages.ts';

export const second = () => Math.floor(Date.now() / 1_000);

/** Windows of the last minute: second `n` has `n % 7 + 3` women and `n % 5` men, and one of whom nothing is known. */
export const lastMinute = (last: number): WindowCount[] =>
  Array.from({ length: 60 }, (_, index) => {
    const at = last - 59 + index;
    return windowAt(at, { 0: (at % 7) + 3, 1: at % 5, NULL: 1 });
  });

export const sumOf = (windows: WindowCount[], key: string) =>
  windows.reduce((sum, { counts }) => sum + (counts.get(key) ?? 0), 0);

export const legend = (page: Page) => page.getByRole('table', { name: 'Legend' });

export const waitForSum = (page: Page, name: string, sum: number) =>
  legend(page)
    .getByRole('row', { name: new RegExp(`^${name} ${sum.toLocaleString('en-US')}( |$)`) })
    .waitFor();

export const drawn = (page: Page) => page.locator('.chart-canvas canvas').first().waitFor();

/** The time that is shown, as the page says it. */
export const when = (page: Page) => page.locator('.chart-when span').first().textContent();

export async function save(page: Page, kind: string) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Export ${kind}` }).click(),
  ]);
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
}

/** The rows of an exported CSV, without the header, and that. */
export async function csvOf(page: Page) {
  const [header = '', ...lines] = (await save(page, 'CSV')).content.toString().trimEnd().split('\n');
  return { header, rows: lines.map((line) => line.split(',')) };
}

/** The charts page, in English, for the tests of a file, each of which has servers of its own. */
export function chartsInChromium() {
  const { serve, visit } = browserPages('en');
  return {
    async serve() {
      const server = await serve();
      return { ...server, address: `http://127.0.0.1:${server.port}/charts` };
    },
    visit(address: string, options: Parameters<typeof visit>[2] = {}) {
      const { port, pathname, search } = new URL(address);
      return visit(Number(port), pathname + search, options);
    },
  };
}
