import { describe, expect, test } from 'vitest';
import { chromiumPath } from '../_support/chromium.ts';
import { windowAt } from '../store/_contract.ts';
import { seriousFaults } from './_browser-pages.ts';
import {
  chartsInChromium,
  csvOf,
  drawn,
  lastMinute,
  legend,
  save,
  second,
  sumOf,
  waitForSum,
  when,
} from './_charts-page.ts';

// On a machine of our own the browser may be missing; where every change is checked it may not.
describe.skipIf(!chromiumPath && !process.env.CI)('what readers do with charts in Chromium', () => {
  const { serve, visit } = chartsInChromium();

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

  test('stand still while the reader has paused, and catch up', async () => {
    const { address, bring, live } = await serve();
    const windows = lastMinute(second() - 2);
    await bring(...windows);
    const { page, complaints } = await visit(`${address}?pipeline=gender&range=5m&unit=count`);
    await waitForSum(page, 'Female', sumOf(windows, '0'));
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Resume' }).first().waitFor();
    const paused = await when(page);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await bring(windowAt((windows.at(-1)?.end ?? 0) / 1_000, { 0: 1_000 }));
    live.status({ stored: 4_711 });
    await page.getByText('stored 4,711').waitFor();
    expect([await when(page), asked]).toEqual([paused, []]);
    await waitForSum(page, 'Female', sumOf(windows, '0'));
    await page.keyboard.press('Space');
    await waitForSum(page, 'Female', sumOf(windows, '0') + 1_000);
    expect(complaints).toEqual([]);
  });

  test.each(['dark', 'light'] as const)('can be used without sight or mouse (%s)', async (colorScheme) => {
    const { address, bring } = await serve();
    const now = second() - 2;
    await bring(...lastMinute(now), ...lastMinute(now - 300));
    const { page } = await visit(`${address}?pipeline=gender&compare&hide=1`, { colorScheme });
    await drawn(page);
    await page.getByText(/^Data: /).click();
    await page.getByRole('button', { name: /^Values: / }).click();
    await page.getByRole('checkbox', { name: /^Female / }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.goto(`${address}?type=pie&compare&from=2001-01-01T00:00:00Z&to=2001-01-01T00:10:00Z`);
    await page.getByText('There are no windows in this time').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    const phone = await visit(`${address}?type=pie&range=15m`, { colorScheme, viewport: { width: 390, height: 844 } });
    await drawn(phone.page);
    await phone.page.getByText('Settings').click();
    expect(await seriousFaults(phone.page)).toEqual([]);
  });
});
