import { describe, expect, test } from 'vitest';
import { windowAt } from '../store/_contract.ts';
import { noBrowser, seriousFaults } from './_browser-pages.ts';
import { knownWindows, pagesInChromium, second, waitForFigure } from './_pages.ts';

describe.skipIf(noBrowser).each(['dark', 'light'] as const)('readers without sight or mouse, %s', (colorScheme) => {
  const { serve, visit } = pagesInChromium();

  test('are kept from nothing while there is no data, while it comes, when it stops and without a server', async () => {
    const { app, port, bring } = await serve();
    const { page } = await visit(port, { colorScheme });
    await page.getByText('还没有窗口').waitFor();
    expect(await seriousFaults(page), 'empty').toEqual([]);
    await bring(...knownWindows(second() - 1));
    await waitForFigure(page, 'figure-female', '47');
    expect(await seriousFaults(page), 'live').toEqual([]);
    await page.getByText(/^已 .* 没有新窗口$/).waitFor();
    expect(await seriousFaults(page), 'stale').toEqual([]);
    await app.close();
    await page.getByText('与服务器的连接断了').waitFor();
    expect(await seriousFaults(page), 'reconnecting').toEqual([]);
  });

  test('are kept from nothing in the dialogs, with alerts, paused, in a kiosk and on a phone', async () => {
    const { port, bring } = await serve();
    const last = second() - 1;
    await bring(...knownWindows(last), windowAt(last + 1, { 0: 61, 1: 1, 2: 3 }));
    const alerts = 'alert=value:gender:0>60&alert=rate:gender<1000&alert=late>5&unknown&today';
    const { page } = await visit(port, { colorScheme, path: `?${alerts}` });
    await page.getByRole('alert').getByText('性别 女生').waitFor();
    await page.keyboard.press(' ');
    expect(await seriousFaults(page), 'alert and pause').toEqual([]);
    await page.keyboard.press('a');
    expect(await seriousFaults(page), 'thresholds').toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await seriousFaults(page), 'help').toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('k');
    expect(await seriousFaults(page), 'kiosk').toEqual([]);

    const phone = await visit(port, { colorScheme, viewport: { width: 390, height: 844 } });
    await waitForFigure(phone.page, 'figure-female', '61');
    expect(await seriousFaults(phone.page), 'phone').toEqual([]);
  });

  test('see nothing move that they do not want to', async () => {
    const { port, bring } = await serve();
    await bring(...knownWindows(second() - 1));
    const { page } = await visit(port, { colorScheme, reducedMotion: 'reduce' });
    await waitForFigure(page, 'figure-female', '47');
    const moving = await page.evaluate(
      '[...document.querySelectorAll("*")].filter((element) => getComputedStyle(element).transitionDuration !== "0s").length',
    );
    expect(moving).toBe(0);
  });
});
