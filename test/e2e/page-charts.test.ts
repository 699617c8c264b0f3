import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { WindowCount } from '../../src/records/window-count.ts';
import { loadPages } from '../../src/web/pages.ts';
import { chromiumFlags, chromiumPath } from '../_support/chromium.ts';
import { windowAt } from '../store/_contract.ts';
import { webServer } from '../web/_server.ts';

const second = () => Math.floor(Date.now() / 1_000);

/** Windows of the last minute: second `n` has `n % 7 + 3` women and `n % 5` men, and one of whom nothing is known. */
const lastMinute = (last: number): WindowCount[] =>
  Array.from({ length: 60 }, (_, index) => {
    const at = last - 59 + index;
    return windowAt(at, { 0: (at % 7) + 3, 1: at % 5, NULL: 1 });
  });

const sumOf = (windows: WindowCount[], key: string) =>
  windows.reduce((sum, { counts }) => sum + (counts.get(key) ?? 0), 0);

// On a machine of our own the browser may be missing; where every change is checked it may not.
describe.skipIf(!chromiumPath && !process.env.CI)('the charts in Chromium', () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof loadPages>>;
  const open: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    expect(chromiumPath, 'Chromium is installed').toBeDefined();
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumFlags });
    pages = await loadPages('en');
    expect([...pages.keys()], 'the pages are built').toContain('/charts');
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const opened of open.splice(0).reverse()) await opened.close();
  });

  async function serve() {
    const server = await webServer({ pages });
    open.push(server.app);
    return { ...server, address: `http://127.0.0.1:${await server.listen()}/charts` };
  }

  async function visit(address: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, ...options });
    open.push(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
    await page.goto(address);
    return { page, complaints };
  }

  const legend = (page: Page) => page.getByRole('table', { name: 'Legend' });
  const waitForSum = (page: Page, name: string, sum: number) =>
    legend(page)
      .getByRole('row', { name: new RegExp(`^${name} ${sum.toLocaleString('en-US')}( |$)`) })
      .waitFor();
  const drawn = (page: Page) => page.locator('.chart-canvas canvas').first().waitFor();
  const when = (page: Page) => page.locator('.chart-when span').first().textContent();

  async function save(page: Page, kind: string) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: `Export ${kind}` }).click(),
    ]);
    return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
  }

  /** The rows of an exported CSV, without the header, and that. */
  async function csvOf(page: Page) {
    const [header = '', ...lines] = (await save(page, 'CSV')).content.toString().trimEnd().split('\n');
    return { header, rows: lines.map((line) => line.split(',')) };
  }

  test('draw what is stored, also while it grows and when it is corrected', async () => {
    const { address, bring } = await serve();
    const windows = lastMinute(second() - 2);
    await bring(...windows);
    const { page, complaints } = await visit(`${address}?pipeline=gender&range=5m&unit=count`);
    await drawn(page);
    await waitForSum(page, 'Female', sumOf(windows, '0'));
    await waitForSum(page, 'Male', sumOf(windows, '1'));
    expect(await legend(page).getByText('Unknown').count()).toBe(0);

    const { header, rows } = await csvOf(page);
    expect(header).toBe('time,seconds,Female,Male');
    expect(rows.map(([time = '', seconds, female, male]) => [Date.parse(time), seconds, female, male])).toEqual(
      windows.map(({ start, counts }) => [start, '1', String(counts.get('0')), String(counts.get('1'))]),
    );

    const last = windows.at(-1);
    const next = windowAt((last?.end ?? 0) / 1_000, { 0: 1_000, 1: 500 });
    await bring(next);
    await waitForSum(page, 'Female', sumOf(windows, '0') + 1_000);
    await bring({ ...next, revision: 1, counts: new Map([['0', 1_001]]) });
    await waitForSum(page, 'Female', sumOf(windows, '0') + 1_001);
    await waitForSum(page, 'Male', sumOf(windows, '1'));

    await page.getByText('Data: the newest 61 rows').click();
    const cells = page
      .getByRole('region', { name: 'Data: the newest 61 rows' })
      .locator('tbody tr')
      .first()
      .locator('td');
    expect(await cells.allInnerTexts()).toEqual(['1,001', '0']);
    expect(complaints).toEqual([]);
  });

  test('of values that are not known, of those chosen, and without those hidden in the legend', async () => {
    const { address, bring } = await serve();
    const now = second() - 2;
    await bring(
      windowAt(now - 1, { 1271: 60, 662: 40, 389: 11, NULL: 5 }, { pipeline: 'category' }),
      windowAt(now, { 1271: 1, 662: 2, 4: 7, 5: 8, 6: 9, 7: 1 }, { pipeline: 'category' }),
    );
    const { page, complaints } = await visit(`${address}?pipeline=category&range=5m&unit=count`);
    await waitForSum(page, '1271', 61);
    expect(await legend(page).locator('tbody th').allInnerTexts()).toEqual(['1271', '662', '389', '6', '5']);

    await page.getByRole('button', { name: 'Values: Top 5' }).click();
    await page.getByRole('searchbox', { name: 'Search values' }).fill('7');
    await page.getByRole('checkbox', { name: /^7 / }).check();
    await waitForSum(page, '7', 1);
    await page.getByRole('checkbox', { name: /^1271 / }).uncheck();
    await page.getByRole('checkbox', { name: 'Show unknown' }).check();
    await waitForSum(page, 'Unknown', 5);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '662', exact: true }).click();
    expect((await csvOf(page)).header).toBe('time,seconds,389,6,5,7,Unknown');
    expect(complaints).toEqual([]);
  });

  test('compare with the period before', async () => {
    const { address, bring } = await serve();
    const now = second() - 2;
    await bring(windowAt(now - 300, { 0: 40, 1: 10 }), windowAt(now, { 0: 50, 1: 5 }));
    const { page, complaints } = await visit(`${address}?pipeline=gender&range=5m&unit=count`);
    await drawn(page);
    await page.getByRole('checkbox', { name: 'Compare with before' }).check();
    await legend(page).getByRole('row', { name: 'Female 50 40 +25.0 %' }).waitFor();
    await legend(page).getByRole('row', { name: 'Male 5 10 −50.0 %' }).waitFor();
    const { header, rows } = await csvOf(page);
    expect(header).toBe('time,seconds,Female,Male,time (Before),Female (Before),Male (Before)');
    const [row = []] = rows.filter(([, , female]) => female === '50');
    expect(Date.parse(row[0] ?? '') - Date.parse(row[4] ?? '')).toBe(300_000);
    expect(row.slice(5)).toEqual(['40', '10']);
    expect(complaints).toEqual([]);
  });

  test('show shares, of which each is part of all that is known', async () => {
    const { address, bring } = await serve();
    const now = second() - 2;
    await bring(windowAt(now, { 0: 75, 1: 25, NULL: 900 }));
    const { page, complaints } = await visit(address);
    await drawn(page);
    await page.getByRole('button', { name: 'Pie' }).click();
    await legend(page).getByRole('row', { name: 'Female 75 75.0 %' }).waitFor();
    await legend(page).getByRole('row', { name: 'Male 25 25.0 %' }).waitFor();
    expect((await csvOf(page)).rows[0]?.slice(2)).toEqual(['75', '25']);
    expect(complaints).toEqual([]);
  });

  test('are what the link says, on another browser and after going to another page and back', async () => {
    const { address, bring } = await serve();
    const windows = lastMinute(second() - 2);
    await bring(...windows);
    const { page, complaints } = await visit(address);
    await drawn(page);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Stacked area' }).click();
    await page.getByRole('button', { name: 'Per point' }).click();
    await page.getByRole('button', { name: '15 min' }).click();
    await page.getByRole('button', { name: 'From – to' }).click();
    await page.getByLabel('From', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Male', exact: true }).click();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const link = await page.evaluate<string>('navigator.clipboard.readText()');
    const seen = { when: await when(page), csv: await csvOf(page) };
    expect(seen.csv.rows).toHaveLength(60);

    const other = await visit(link);
    await waitForSum(other.page, 'Female', sumOf(windows, '0'));
    expect({ when: await when(other.page), csv: await csvOf(other.page) }).toEqual(seen);
    for (const name of ['Stacked area', 'Per point', 'From – to']) {
      expect(await other.page.getByRole('button', { name, pressed: true }).count(), name).toBe(1);
    }
    await other.page.getByRole('link', { name: 'Tables' }).click();
    await other.page.goBack();
    await waitForSum(other.page, 'Female', sumOf(windows, '0'));
    expect(await when(other.page)).toBe(seen.when);
    expect([...complaints, ...other.complaints]).toEqual([]);
  });

  test('stay where a reader has zoomed to while new windows come in', async () => {
    const { address, bring, live } = await serve();
    const windows = lastMinute(second() - 2);
    await bring(...windows);
    const { page, complaints } = await visit(`${address}?range=5m&unit=count`);
    await drawn(page);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.getByRole('button', { name: 'Move later' }).click();
    const zoomed = await when(page);
    const zoom = () => new URL(page.url()).searchParams.getAll('zoom-from');
    const from = zoom();
    expect(from).toHaveLength(1);
    const columns = async () => (await csvOf(page)).rows.map(([time]) => time);
    const shown = await columns();
    expect(shown.length).toBeGreaterThan(0);

    const last = (windows.at(-1)?.end ?? 0) / 1_000;
    for (let next = last; next < last + 3; next += 1) await bring(windowAt(next, { 0: 9_999 }));
    live.status({ stored: 4_711 });
    await page.getByText('stored 4,711').waitFor();
    expect([await when(page), zoom(), (await columns()).slice(0, shown.length)]).toEqual([zoomed, from, shown]);

    // With the wheel, over the drawing.
    const box = await page.locator('.chart-canvas').boundingBox();
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2);
    await page.mouse.wheel(0, -300);
    await page.waitForURL((url) => url.searchParams.has('zoom-from') && url.searchParams.get('zoom-from') !== from[0]);
    await page.getByRole('button', { name: 'Reset zoom' }).click();
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor({ state: 'detached' });
    expect(zoom()).toEqual([]);
    await waitForSum(page, 'Female', sumOf(windows, '0') + 3 * 9_999);
    expect(complaints).toEqual([]);
  });

  test('are saved as pictures, of lines and of shares, whatever values are called', async () => {
    const { address, bring } = await serve();
    const now = second() - 2;
    await bring(...lastMinute(now), windowAt(now, { '<&">\'': 60 }, { pipeline: 'category' }));
    const { page, complaints } = await visit(`${address}?pipeline=gender`);
    await drawn(page);
    const png = await save(page, 'PNG');
    expect(png.name).toMatch(/^dashctl-gender-rate-[\dT-]+-[\dT-]+\.png$/);
    expect([png.content.readUInt32BE(16), png.content.readUInt32BE(20)]).toEqual([3_200, 1_800]);

    // The page's own policy for content would hold for what is read in it.
    const reader = await page.context().newPage();
    /** The texts of a saved SVG, which is well-formed. */
    const textsOf = async () => {
      const svg = (await save(page, 'SVG')).content.toString();
      return await reader.evaluate<string[]>(
        `(({ documentElement: root }) => [root.nodeName, ...[...root.querySelectorAll('text')].map((text) => text.textContent)])(
          new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml'))`,
      );
    };
    expect(await textsOf()).toEqual(expect.arrayContaining(['svg', 'Gender, per second', 'Female', 'Male']));
    await page.getByRole('button', { name: 'Pie' }).click();
    await legend(page).getByRole('columnheader', { name: 'Share' }).waitFor();
    expect(await textsOf()).toEqual(expect.arrayContaining(['svg', 'Gender, share', 'Female', 'Male']));
    await page.getByLabel('Pipeline', { exact: true }).selectOption('Category');
    await waitForSum(page, '<&">\'', 60);
    expect(await textsOf()).toEqual(expect.arrayContaining(['svg', '<&">\'']));
    expect(complaints).toEqual([]);
  });

  test('say what is missing, and what to do: no windows, no answer', async () => {
    const { address, bring } = await serve();
    const windows = lastMinute(second() - 2);
    await bring(...windows);
    const { page, complaints } = await visit(`${address}?from=2001-01-01T00:00:00Z&to=2001-01-01T00:10:00Z`);
    await page.getByText('There are no windows in this time').waitFor();
    await page.getByRole('button', { name: 'Go to the newest data' }).click();
    await waitForSum(page, 'Female', sumOf(windows, '0'));
    expect(complaints).toEqual([]);

    await page.route('**/api/series*', (route) => route.abort());
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    await page.getByText('Not up to date: the last request failed').waitFor();
    await page.reload();
    await page.getByText('The data could not be had').waitFor();
    await page.unroute('**/api/series*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForSum(page, 'Female', sumOf(windows, '0'));
  });

  test('fit a phone, with the settings folded away, and a screen without scrolling', async () => {
    const { address, bring } = await serve();
    await bring(...lastMinute(second() - 2));
    const phone = await visit(address, { viewport: { width: 390, height: 844 } });
    await drawn(phone.page);
    expect(await phone.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await phone.page.getByRole('button', { name: 'Stacked area' }).isVisible()).toBe(false);
    await phone.page.getByText('Settings').click();
    await phone.page.getByRole('button', { name: 'Stacked area' }).click();
    expect(await phone.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    for (const [width, height] of [
      [1_280, 720],
      [3_840, 2_160],
    ] as const) {
      const { page } = await visit(address, { viewport: { width, height } });
      await drawn(page);
      const size = await page.evaluate('[document.documentElement.scrollWidth, document.documentElement.scrollHeight]');
      expect(size).toEqual([width, height]);
    }
  });
});
