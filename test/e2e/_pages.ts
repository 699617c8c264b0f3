import type { Page } from 'playwright-core';
import type { WindowCount } from '../../src/records/window-count.ts';
import { windowAt } from '../store/_contract.ts';
import { browserPages } from './_browser-pages.ts';

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

/** A browser for the tests of a file, servers for each of them, and the big screen unless another page is named. */
export function pagesInChromium() {
  const { serve, visit } = browserPages();
  return {
    serve,
    visit: (port: number, { path = '', ...options }: Parameters<typeof visit>[2] & { path?: string } = {}) =>
      visit(port, `/${path}`, options),
  };
}

export const figure = (page: Page, name: string) => page.getByTestId(name);

export const waitForFigure = (page: Page, name: string, text: string) =>
  figure(page, name).getByText(text, { exact: true }).waitFor();

export const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts();

export const text = async (page: Page, selector: string) => (await texts(page, selector)).join().replace(/\s+/g, ' ');
