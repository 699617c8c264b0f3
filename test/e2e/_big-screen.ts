import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

/** Points of a line as it is drawn: where each stands in time and its count; `null` is a break in the line. */
type DrawnPoints = readonly (readonly [time: number, count: number | null])[];

/** The lines of the chart by their kind, such as `female`. */
export type DrawnLines = Record<string, DrawnPoints>;

/** The big screen in a browser, as a test watches it. */
export interface BigScreen {
  page: Page;
  /** How often it was loaded. */
  loads(): number;
  /** What it complained of, but for what the browser itself says while nobody answers. */
  complaints(): string[];
  /** Waits until it says of itself that it is in this condition, such as `live` or `stale`. */
  untilIs(condition: string): Promise<void>;
  /** Waits until it draws a window that begins after this moment, and is live. */
  untilLiveSince(time: number): Promise<void>;
  drawnLines(): Promise<DrawnLines>;
  /** Sends it into the background, where its process is given no time, until it is called back. */
  hide(): Promise<void>;
  show(): Promise<void>;
  untilFigure(name: string, count: number): Promise<void>;
}

const timeout = 60_000;

/** What the chart shows: windows that the page has been told, or all that are stored, which it asks the server for. */
export type Range = 'quarter of an hour' | 'all';

/** Opens the big screen, with the chart over that time. */
export async function openBigScreen(browser: Browser, url: string, range: Range): Promise<BigScreen> {
  const page = await browser.newPage({ viewport: { width: 1_920, height: 1_080 } });
  const complaints: string[] = [];
  let loads = 0;
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('load', () => {
    loads += 1;
  });
  await page.goto(url);
  const controls = await browser.newBrowserCDPSession();
  const renderers = async () => {
    const { processInfo } = await controls.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  };
  // A browser without windows never hides a page, so that it has to be told. What stops it is not pretended.
  const turn = (state: 'hidden' | 'visible') =>
    page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`,
    );
  const ranges = page.locator('.chart fieldset button');
  await (range === 'all' ? ranges.last() : ranges.filter({ hasText: /^15\b/ })).click();
  return {
    page,
    loads: () => loads,
    complaints: () => complaints.filter((line) => !/net::ERR_|WebSocket connection to .* failed/.test(line)),
    untilIs: (condition) => page.locator(`.page[data-condition=${condition}]`).waitFor({ timeout }),
    async untilLiveSince(time) {
      await page.locator('.page[data-condition=live]').waitFor({ timeout });
      const newest = async () => (await page.evaluate(readLines)).female?.at(-1)?.[0];
      await expect.poll(newest, { timeout }).toBeGreaterThan(time);
    },
    drawnLines: () => page.evaluate(readLines),
    async hide() {
      await turn('hidden');
      for (const pid of await renderers()) process.kill(pid, 'SIGSTOP');
    },
    async show() {
      for (const pid of await renderers()) process.kill(pid, 'SIGCONT');
      await turn('visible');
    },
    untilFigure: (name, count) =>
      page.getByTestId(name).getByText(count.toLocaleString('en-US'), { exact: true }).waitFor({ timeout }),
  };
}

/** What the component that draws the chart is given. */
interface Fiber {
  memoizedProps: { lines?: { kind: string; points: DrawnPoints }[] } | null;
  child: Fiber | null;
  sibling: Fiber | null;
}

// Runs in the page. The chart is a canvas, from which no count can be read: what it is drawn from is read instead, where
// React keeps it.
function readLines(): DrawnLines {
  const root: object = Reflect.get(globalThis, 'document').getElementById('root');
  const key = Object.keys(root).find((name) => name.startsWith('__reactContainer$')) ?? '';
  const waiting: (Fiber | null)[] = [Reflect.get(root, key).stateNode.current];
  while (waiting.length > 0) {
    const fiber = waiting.pop();
    if (!fiber) continue;
    const lines = fiber.memoizedProps?.lines;
    if (lines) return Object.fromEntries(lines.map(({ kind, points }) => [kind, points]));
    waiting.push(fiber.sibling, fiber.child);
  }
  return {};
}
