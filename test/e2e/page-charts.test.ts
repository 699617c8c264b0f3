import { describe, expect, test } from 'vitest';
import { chromiumPath } from '../_support/chromium.ts';
import { windowAt } from '../store/_contract.ts';
import { chartsInChromium, csvOf, drawn, lastMinute, legend, second, sumOf, waitForSum } from './_charts-page.ts';

// On a machine of our own the browser may be missing; where every change is checked it may not.
describe.skipIf(!chromiumPath && !process.env.CI)('the charts in Chromium', () => {
  const { serve, visit } = chartsInChromium();

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
});
