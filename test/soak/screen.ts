import { chromium } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../_support/chromium.ts';

export interface SoakScreen {
  /** JavaScript heap in MB after a collection, and what hangs in the document. */
  look(): Promise<{ heap: number; nodes: number; listeners: number }>;
  close(): Promise<void>;
}

/** The big screen in a browser of its own. */
export async function openScreen(url: string): Promise<SoakScreen> {
  if (!chromiumPath) throw new Error('Chromium is not installed');
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  const page = await browser.newPage({ viewport: { width: 1_920, height: 1_080 } });
  const controls = await page.context().newCDPSession(page);
  await page.goto(url);
  await page.locator('.page[data-condition=live]').waitFor();
  return {
    async look() {
      // The least of some: what is being drawn at that moment is held by nobody.
      let usedSize = Number.POSITIVE_INFINITY;
      for (let time = 0; time < 3; time++) {
        await controls.send('HeapProfiler.collectGarbage');
        usedSize = Math.min(usedSize, (await controls.send('Runtime.getHeapUsage')).usedSize);
      }
      const { nodes, jsEventListeners } = await controls.send('Memory.getDOMCounters');
      return { heap: usedSize / 1e6, nodes, listeners: jsEventListeners };
    },
    close: () => browser.close(),
  };
}
