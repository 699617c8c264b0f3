import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { notYetReading } from '../../src/web/readiness.ts';
import { windowAt } from '../store/_contract.ts';
import { webServer } from './_server.ts';

let reading = notYetReading();
let server: Awaited<ReturnType<typeof webServer>>;
beforeEach(async () => {
  reading = notYetReading();
  server = await webServer({ reading });
});
afterEach(() => server.app.close());
const get = (url: string) => server.app.inject({ url, headers: { host: 'localhost:5000' } });

describe('GET /healthz', () => {
  test('tells that the server answers and what the stages told it', async () => {
    server.live.status({ rowsRead: 12 });
    server.live.status({ stored: 3 });
    expect((await get('/healthz')).json()).toMatchObject({ ok: true, clients: 0, status: { rowsRead: 12, stored: 3 } });
  });
});

describe('GET /readyz', () => {
  const answer = async () => {
    const { statusCode, body } = await get('/readyz');
    return [statusCode, JSON.parse(body)];
  };

  test('says no until the topics have been read to where they were, then yes', async () => {
    const reasons = ['the topics have not been read to where they were at the start'];
    expect(await answer()).toEqual([503, { ready: false, reasons }]);
    reading.caughtUp = true;
    expect(await answer()).toEqual([200, { ready: true }]);
    reading.lag = 1_000;
    expect(await answer()).toEqual([200, { ready: true }]);
  });

  test('says no while the broker or the database is away', async () => {
    reading.caughtUp = true;
    reading.connected = false;
    expect(await answer()).toEqual([503, { ready: false, reasons: ['the broker does not answer'] }]);
    reading.connected = true;
    const { pipelines } = server.store;
    server.store.pipelines = () => Promise.reject(new Error('cannot open /home/someone/windows.db'));
    expect(await answer()).toEqual([503, { ready: false, reasons: ['the database does not answer'] }]);
    server.store.pipelines = pipelines;
    expect(await answer()).toEqual([200, { ready: true }]);
  });

  test('does not wait for a database that never answers, and asks it once for all probes', async () => {
    reading.caughtUp = true;
    let asked = 0;
    server.store.pipelines = () => {
      asked += 1;
      return new Promise(() => undefined);
    };
    const [one, other] = await Promise.all([answer(), answer()]);
    expect(one).toEqual([503, { ready: false, reasons: ['the database does not answer'] }]);
    expect([other, asked]).toEqual([one, 1]);
  });
});

describe('GET /metrics', () => {
  const scraped = async () => {
    const { headers, body } = await get('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  };

  test('tells what the stages told, and leaves out what nobody knows', async () => {
    Object.assign(reading, { windows: 7, lag: 3, delay: 40 });
    server.live.status({
      rowsRead: 12,
      watermark: 5_500,
      pipelines: { age: { topic: 'age', resultTopic: 'r', lag: 9 } },
    });
    const figures = await scraped();
    expect(figures.get('dashctl_ready')).toBe(0);
    expect(figures.get('dashctl_results_stored_total')).toBe(7);
    expect(figures.get('dashctl_results_lag_records')).toBe(3);
    expect(figures.get('dashctl_delay_seconds')).toBe(0.04);
    expect(figures.get('dashctl_rows_read_total')).toBe(12);
    expect(figures.get('dashctl_watermark_seconds')).toBe(5.5);
    expect(figures.get('dashctl_pipeline_lag_records{pipeline="age"}')).toBe(9);
    expect(figures.has('dashctl_lag_records')).toBe(false);
    expect(figures.has('dashctl_pipeline_watermark_seconds{pipeline="age"}')).toBe(false);
    expect(figures.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  });

  test('tells what the store holds, as it is at each scrape', async () => {
    await server.bring(windowAt(1, { 0: 3, 1: 4 }, { lateDropped: 2 }));
    await scraped();
    await server.bring(windowAt(2, { 0: 1 }, { lateDropped: 5 }));
    const figures = await scraped();
    const of = (name: string) => figures.get(`dashctl_pipeline_${name}{pipeline="gender"}`);
    expect([of('windows'), of('records'), of('values'), of('late_dropped_total')]).toEqual([2, 8, 2, 5]);
    expect(of('newest_window_end_seconds')).toBe(3);
    expect(figures.get('dashctl_pipeline_windows{pipeline="age"}')).toBe(0);
    expect(figures.has('dashctl_pipeline_newest_window_end_seconds{pipeline="age"}')).toBe(false);
  });

  test('counts answers by route and status', async () => {
    await get('/api/totals');
    await get('/api/totals?pipeline=age');
    await get('/api/series');
    const figures = await scraped();
    expect(figures.get('dashctl_http_answers_total{route="/api/totals",status="200"}')).toBe(2);
    expect(figures.get('dashctl_http_answers_total{route="/api/series",status="400"}')).toBe(1);
    expect(figures.get('dashctl_http_answer_seconds_total{route="/api/totals",status="200"}')).toBeGreaterThan(0);
  });

  test('answers while the database does not', async () => {
    const fail = () => Promise.reject(new Error('gone'));
    Object.assign(server.store, { totals: fail, series: fail });
    const figures = await scraped();
    expect(figures.has('dashctl_pipeline_windows{pipeline="gender"}')).toBe(false);
    expect(figures.get('dashctl_websocket_clients')).toBe(0);
  });
});
