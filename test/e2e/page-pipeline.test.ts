import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { topicOffsets } from '../../src/kafka/topics.ts';
import type { StageStatus } from '../../src/web/messages.ts';
import { loadPages } from '../../src/web/pages.ts';
import { chromiumFlags, chromiumPath } from '../_support/chromium.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { testConnection } from '../kafka/_clusters.ts';
import { windowAt } from '../store/_contract.ts';
import { webServer } from '../web/_server.ts';
import { seriousFaults } from './_browser-pages.ts';

const flowing: StageStatus = {
  ...{
    rowsRead: 120,
    rejected: 3,
    late: 2,
    counted: 100,
    stored: 100,
    lag: 4,
    watermark: Date.UTC(2026, 10, 11, 4, 3, 27),
  },
  pipelines: {
    gender: {
      ...{ topic: 'sex', resultTopic: 'result', counted: 100, lag: 4, late: 2, rejected: 1, behind: 70 },
      watermark: Date.UTC(2026, 10, 11, 4, 3, 27),
    },
  },
  produce: { source: 'log.csv', state: 'running', rows: 117, rejected: 3, rate: 42.5, target: 100, percent: 6.25 },
  aggregate: { state: 'counting', rate: 212.5, windows: 31 },
  broker: { address: '127.0.0.1:9092', embedded: true, reachable: true, rate: 212.5, logBytes: 141_940 },
  store: { kind: 'sqlite', readOnly: false, windows: 31, lag: 0, reachable: true },
  faults: [
    { stage: 'produce', level: 'warn', count: 2, time: Date.UTC(2026, 10, 11), text: '…/log.csv:7 is left out' },
  ],
  pages: 1,
};

// On a machine of our own the browser may be missing; where every change is checked it may not.
describe.skipIf(!chromiumPath && !process.env.CI)('the pipeline page in Chromium', () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof loadPages>>;

  beforeAll(async () => {
    expect(chromiumPath, 'Chromium is installed').toBeDefined();
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumFlags });
    pages = await loadPages('zh');
  });
  afterAll(() => browser?.close());

  async function serve() {
    const server = await webServer({ pages });
    onTestFinished(async () => void (await server.app.close()));
    const second = Math.floor(Date.now() / 1_000);
    await server.bring(windowAt(second - 1, { 0: 60, 1: 40 }), windowAt(second - 1, { 1: 9 }, { pipeline: 'age' }));
    return { ...server, url: `http://127.0.0.1:${await server.listen()}` };
  }

  async function visit(url: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
    await page.goto(`${url}/pipeline`);
    return { page, complaints };
  }

  const stage = (page: Page, name: string) => page.locator(`[data-stage="${name}"]`);
  const cell = (page: Page, pipeline: string, column: string) =>
    page.locator(`[data-pipeline="${pipeline}"] [data-column="${column}"]`);
  const textOf = async (place: Locator) => (await place.allInnerTexts()).join();
  const plain = async (page: Page, selector: string) => (await textOf(page.locator(selector))).replace(/\s+/g, ' ');

  test('shows each stage in the order of the data, with its state, rate and figures', async () => {
    const { url, live } = await serve();
    live.status(flowing);
    const { page, complaints } = await visit(url);
    await stage(page, 'produce').getByText('42.5').waitFor();
    expect(await page.locator('.stage h3').allInnerTexts()).toEqual([
      '回放 produce',
      '源主题',
      '计数 aggregate',
      '结果主题',
      '入库 sink',
      '页面 serve',
    ]);
    expect(await plain(page, '[data-stage="produce"]')).toMatch(
      /运行中 42\.5 行\/秒 文件 log\.csv 已发 117 行 目标 100 行\/秒 进度 6\.\d % 拒收 3 ! 2 条告警$/,
    );
    expect(await plain(page, '[data-stage="topics"]')).toMatch(
      /212\.5 条\/秒 broker 内嵌 127\.0\.0\.1:9092 日志 142 KB/,
    );
    expect(await plain(page, '[data-stage="aggregate"]')).toMatch(
      /窗口 31 积压 4 水位线 .* 落后 0\.07 s 迟到 2 拒收 1$/,
    );
    expect(await plain(page, '[data-stage="store"]')).toMatch(/SQLite 方式 读写 本次入库 31 窗口 入库 100$/);
    expect(
      await page.getByRole('img', { name: /最近一分钟（行\/秒）：最低 42\.5，最高 42\.5，最新 42\.5/ }).count(),
    ).toBe(1);
    expect(await plain(page, '.balance')).toMatch(
      /✓ 一致.* 读取 120 = 拒收 3 \+ 迟到 2 \+ 计数 100 \+ 在途 15 计数 100 = 入库 100/,
    );
    expect(await plain(page, '.balance .panel-aside')).toMatch(/UTC/);
    expect(await textOf(cell(page, 'gender', 'counted'))).toBe('100');
    expect(await textOf(cell(page, 'gender', 'resultTopic'))).toBe('result');
    expect(await textOf(cell(page, 'age', 'windows'))).toBe('1');
    expect(complaints).toEqual([]);
  });

  test('says what runs elsewhere, what does not answer, and what is lost', async () => {
    const { url, live, app } = await serve();
    const { broker, store } = flowing;
    live.status({ lag: 0, stored: 100, ...(store ? { store } : {}) });
    const { page } = await visit(url, { locale: 'en' });
    await page.getByRole('button', { name: 'Switch to English' }).click();
    await stage(page, 'aggregate').getByText('dashctl aggregate runs elsewhere').waitFor();
    expect(await stage(page, 'produce').getAttribute('data-state')).toBe('elsewhere');
    await page.getByText('This process sees results alone').waitFor();
    if (!broker || !store) throw new Error('the status has no broker');
    live.status({ broker: { ...broker, reachable: false }, store: { ...store, reachable: false } });
    await stage(page, 'topics').getByText('The broker does not answer').waitFor();
    await stage(page, 'store').getByText('The database does not answer').waitFor();
    expect(await stage(page, 'store').getAttribute('data-state')).toBe('failed');
    expect(/[\u4e00-\u9fff]/.test((await plain(page, 'main')).replaceAll('中', ''))).toBe(false);
    await app.close();
    await page.getByText('The connection to the server is lost', { exact: true }).waitFor();
    await page.locator('[data-stage="store"][data-state="unknown"]').waitFor();
  });

  test('goes from a stage to what it complained of, by keyboard too', async () => {
    const { url, live } = await serve();
    live.status(flowing);
    const { page } = await visit(url);
    await page.getByRole('button', { name: '! 2 条告警' }).press('Enter');
    expect(await page.evaluate('document.activeElement.innerText')).toContain('…/log.csv:7 is left out');
    expect(await plain(page, '.faults li')).toMatch(/! 警告 回放 2 次 2026-11-11 \d\d:00:00 …\/log\.csv:7 is left out/);
  });

  test.each(['dark', 'light'] as const)(
    'has no serious finding of axe, %s, wide and on a phone',
    async (colorScheme) => {
      const { url, live } = await serve();
      live.status(flowing);
      for (const viewport of [
        { width: 1_920, height: 1_080 },
        { width: 390, height: 844 },
      ]) {
        const { page } = await visit(url, { colorScheme, viewport });
        await stage(page, 'produce').getByText('42.5').waitFor();
        expect(await seriousFaults(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
      }
    },
  );

  test('shows of a running up what topics, API and verify say: rejected rows, late records, and faults without a path', async () => {
    const folder = temporaryFolder();
    const csv = join(folder, 'shop.csv');
    expect((await runDashctl(['generate', '--rows', '3000', '--errors', '1%', '--out', csv])).code).toBe(0);
    const ports = ['--port', '0', '--broker-port', '0'];
    const up = dashctl(['up', csv, '--rate', 'max', '--lang', 'en', ...ports], { cwd: folder });
    onTestFinished(async () => void (await up.stop()));
    const [url] = await up.waitFor(/http:\S+/);
    const { page, complaints } = await visit(url);
    await page.getByText('Replayed: every row is counted and stored').waitFor();

    const address = /127\.0\.0\.1:\d+/.exec(await textOf(stage(page, 'topics')))?.[0] ?? '';
    const { connection } = testConnection(address);
    const [sex] = await topicOffsets(connection, ['sex']);
    const sent = sex?.high ?? 0;
    const rejected = 3_000 - sent;
    expect(rejected).toBeGreaterThan(0);
    const answer = await fetch(`${url}/api/totals?pipeline=gender`);
    const totals = (await answer.json()) as Record<'gender', { counts: Record<string, number>; windows: number }>;
    expect(sumOf(totals.gender.counts)).toBe(sent);
    const verified = await runDashctl(
      ['verify', csv, '--brokers', address, '--store', 'sqlite:.dashctl/dashctl.sqlite'],
      {
        cwd: folder,
      },
    );
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);

    const spoken = (count: number) => count.toLocaleString('en-US');
    expect(await plain(page, '.balance-line')).toContain(
      `read 3,000 = rejected ${rejected} + late 0 + counted ${spoken(sent)} + in flight 0 counted ${spoken(sent)} = stored ${spoken(sent)}`,
    );
    expect(await plain(page, '[data-stage="produce"]')).toMatch(
      new RegExp(`done .*file shop\\.csv sent ${spoken(sent)} rows .*rejected ${rejected} `),
    );
    for (const name of ['gender', 'category', 'action', 'age', 'province']) {
      expect(await textOf(cell(page, name, 'counted'))).toBe(spoken(sent));
    }
    expect(await textOf(cell(page, 'gender', 'windows'))).toBe(spoken(totals.gender.windows));
    expect(await plain(page, '.faults')).toContain('…/shop.csv:');
    expect(await page.content()).not.toContain(folder);

    const sink = await topicSink({ connection });
    onTestFinished(() => sink.close());
    await sink.send('sex', [{ value: '0', timestamp: Date.now() - 3_600_000 }]);
    await cell(page, 'gender', 'late').getByText('1', { exact: true }).waitFor();
    await page.getByText('records of sex came too late for their window').waitFor();
    expect(await textOf(cell(page, 'age', 'late'))).toBe('0');
    expect(complaints).toEqual([]);
  });
});

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);
