import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import { DashctlError } from '../../src/runtime/errors.ts';
import { windowAt } from '../store/_contract.ts';
import { webServer } from './_server.ts';

let server: Awaited<ReturnType<typeof webServer>>;
beforeEach(async () => {
  server = await webServer();
});
afterEach(() => server.app.close());
const get = (url: string) => server.app.inject({ url, headers: { host: 'localhost:5000' } });
const lines = (body: string) => body.split('\r\n');

describe('GET /api/pipelines', () => {
  test('names every pipeline with its topics and labels', async () => {
    const pipelines = (await get('/api/pipelines')).json();
    expect(pipelines.map(({ name }: { name: string }) => name)).toEqual(builtInPipelines.map(({ name }) => name));
    expect(pipelines[0]).toMatchObject({ resultTopic: 'result', window: 1_000, labels: { 0: { en: 'Female' } } });
  });
});

describe('GET /api/series', () => {
  beforeEach(() => server.bring(windowAt(1, { 0: 3 }), windowAt(2, { 1: 5 }), windowAt(3, { 0: 1, 2: 2 })));

  test('gives what was counted over time, oldest first', async () => {
    expect((await get('/api/series?pipeline=gender&limit=2')).json()).toEqual({
      ...{ pipeline: 'gender', window: 1_000, resolution: 'window', span: 1_000, from: 2_000, to: 4_000 },
      series: [
        { start: 2_000, end: 3_000, revision: 0, counts: { 1: 5 } },
        { start: 3_000, end: 4_000, revision: 0, counts: { 0: 1, 2: 2 } },
      ],
    });
  });

  test('takes times as epoch milliseconds and as ISO 8601', async () => {
    const byNumber = await get('/api/series?pipeline=gender&from=2000&to=3000');
    const byText = await get('/api/series?pipeline=gender&from=1970-01-01T00:00:02Z&to=1970-01-01T00:00:03Z');
    expect(byNumber.json().series).toHaveLength(1);
    expect(byText.json()).toEqual(byNumber.json());
  });

  test('sums windows up into as many points as are wanted', async () => {
    const { span, series } = (await get('/api/series?pipeline=gender&points=2')).json();
    expect([span, series.map(({ counts }: { counts: unknown }) => counts)]).toEqual([
      2_000,
      [{ 0: 3 }, { 0: 1, 1: 5, 2: 2 }],
    ]);
  });

  test('tells of whole hours when asked to', async () => {
    const answer = (await get('/api/series?pipeline=gender&resolution=hour')).json();
    expect(answer).toMatchObject({
      resolution: 'hour',
      span: 3_600_000,
      series: [{ start: 0, counts: { 0: 4, 1: 5, 2: 2 } }],
    });
  });

  test('comes as a file of a row for each count', async () => {
    const { headers, body } = await get('/api/series?pipeline=gender&resolution=window&from=2000&format=csv');
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="gender-series.csv"',
    });
    expect(lines(body)).toEqual([
      'pipeline,start,end,revision,value,count',
      'gender,1970-01-01T00:00:02.000Z,1970-01-01T00:00:03.000Z,0,1,5',
      'gender,1970-01-01T00:00:03.000Z,1970-01-01T00:00:04.000Z,0,0,1',
      'gender,1970-01-01T00:00:03.000Z,1970-01-01T00:00:04.000Z,0,2,2',
      '',
    ]);
  });

  test('a file holds all windows, however many there are', async () => {
    await server.store.put(Array.from({ length: 3_000 }, (_, index) => windowAt(100 + index, { 0: 1 })));
    const { body } = await get('/api/series?pipeline=gender&resolution=window&format=csv');
    expect(lines(body)).toHaveLength(3_000 + 4 + 2);
  });

  test.each([
    ['', 'pipeline: name a pipeline'],
    ['?pipeline=sex', 'pipeline: there is no "sex"'],
    ['?pipeline=gender&from=yesterday', 'from: expected epoch milliseconds or an ISO 8601 time'],
    ['?pipeline=gender&from=2&to=1', 'from: it lies after "to"'],
    ['?pipeline=gender&limit=0', 'limit: expected 1 to 10000'],
    ['?pipeline=gender&limit=-1', 'limit: expected a whole number'],
    ['?pipeline=gender&points=2001', 'points: expected 2 to 2000'],
    ['?pipeline=gender&resolution=day', 'resolution: expected auto, window, minute or hour'],
    ['?pipeline=gender&format=xml', 'format: expected json or csv'],
    ['?pipeline=gender&form=1', 'query: Unrecognized key: "form"'],
    ['?pipeline=gender&pipeline=age', 'pipeline: name a pipeline'],
  ])('answers %s with 400 and the parameter at fault', async (query, error) => {
    const response = await get(`/api/series${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ error });
  });
});

describe('GET /api/totals', () => {
  beforeEach(() => server.bring(windowAt(1, { 0: 3 }), windowAt(1, { 0: 4 }, { revision: 1, lateDropped: 2 })));

  test('gives the sums of all pipelines, or of one', async () => {
    const gender = { counts: { 0: 4 }, windows: 1, lateDropped: 2 };
    expect((await get('/api/totals?pipeline=gender')).json()).toEqual({ gender });
    expect((await get('/api/totals')).json()).toMatchObject({ gender, age: { counts: {}, windows: 0 } });
    expect((await get('/api/totals?format=csv')).body).toBe('pipeline,value,count\r\ngender,0,4\r\n');
  });
});

describe('GET /api/sums', () => {
  test('gives what was counted in a time', async () => {
    await server.bring(windowAt(1, { 0: 3 }), windowAt(2, { 0: 4, 1: 1 }), windowAt(3, { 0: 5 }));
    expect((await get('/api/sums?pipeline=gender&from=1001&to=3001')).json()).toEqual({
      ...{ pipeline: 'gender', from: 1_001, to: 3_001 },
      counts: { 0: 9, 1: 1 },
    });
    expect((await get('/api/sums?pipeline=gender&to=2000&format=csv')).body).toBe('value,count\r\n0,3\r\n');
    expect((await get('/api/sums?pipeline=age')).json()).toEqual({ pipeline: 'age', from: null, to: null, counts: {} });
  });
});

describe('GET /api/windows', () => {
  const starts = (body: { rows: { start: number }[] }) => body.rows.map(({ start }) => start / 1_000);
  beforeEach(() =>
    server.bring(
      windowAt(1, { 0: 3 }),
      windowAt(2, { 0: 9, 1: 1 }),
      windowAt(3, { 1: 5 }, { revision: 1 }),
      windowAt(4, {}),
    ),
  );

  test('gives the newest windows first, with what is in them', async () => {
    const answer = (await get('/api/windows?pipeline=gender&limit=2')).json();
    expect(answer).toEqual({
      ...{ pipeline: 'gender', resolution: 'window', count: 4, truncated: false },
      rows: [
        { start: 4_000, end: 5_000, revision: 0, lateDropped: 0, total: 0, values: 0, counts: {} },
        { start: 3_000, end: 4_000, revision: 1, lateDropped: 0, total: 5, values: 1, counts: { 1: 5 } },
      ],
    });
  });

  test('sorts, filters and pages them', async () => {
    const of = async (query: string) => starts((await get(`/api/windows?pipeline=gender&${query}`)).json());
    expect(await of('order=asc&offset=1&limit=2')).toEqual([2, 3]);
    expect(await of('sort=total')).toEqual([2, 3, 1, 4]);
    expect(await of('sort=total&key=1')).toEqual([3, 2]);
    expect(await of('from=2000&to=4000&order=asc')).toEqual([2, 3]);
    expect((await get('/api/windows?pipeline=gender&key=1&limit=1')).json()).toMatchObject({ count: 2, rows: [{}] });
    expect((await get('/api/windows?pipeline=gender&resolution=minute')).json().rows).toMatchObject([{ total: 18 }]);
  });

  test('comes as a file of all rows, with a column for each value', async () => {
    expect(lines((await get('/api/windows?pipeline=gender&format=csv&order=asc')).body).slice(0, 3)).toEqual([
      'start,end,revision,late_dropped,total,values,0,1',
      '1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z,0,0,3,1,3,0',
      '1970-01-01T00:00:02.000Z,1970-01-01T00:00:03.000Z,0,0,10,2,9,1',
    ]);
  });

  test('of very many windows looks at the newest, and says so', async () => {
    server = await webServer();
    const many = Array.from({ length: 10_100 }, (_, index) => windowAt(index, { 0: 1 }, { end: 20_000_000 + index }));
    const { store } = server;
    store.series = async (_pipeline, { limit = many.length, to = Infinity } = {}) =>
      many.filter(({ start }) => start < to).slice(-limit);
    const { count, truncated, rows } = (await get('/api/windows?pipeline=gender&limit=10000&order=asc')).json();
    expect([count, truncated, rows[0].start]).toEqual([10_000, true, 100_000]);
  });

  test('a window tells its greatest twenty values, and the one that was asked for', async () => {
    const counts = Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`k${key}`, key + 1]));
    await server.bring(windowAt(9, counts));
    const [row] = (await get('/api/windows?pipeline=gender&key=k3')).json().rows;
    expect(row).toMatchObject({ values: 50, total: 1_275, counts: { k49: 50, k30: 31, k3: 4 } });
    expect(Object.keys(row.counts)).toHaveLength(21);
  });
});

describe('GET /api/values', () => {
  beforeEach(() => server.bring(windowAt(1, { 0: 3, 1: 5, 2: 2 }), windowAt(2, { 0: 10, 10: 1, 9: 1 })));
  const values = async (query: string) =>
    (await get(`/api/values?pipeline=gender&${query}`)).json().rows.map(({ value }: { value: string }) => value);

  test('gives the values of a pipeline with their part of the whole, greatest first', async () => {
    expect((await get('/api/values?pipeline=gender&limit=2')).json()).toEqual({
      ...{ pipeline: 'gender', count: 5, total: 22 },
      rows: [
        { value: '0', label: { zh: '女生', en: 'Female' }, unknown: false, count: 13, share: 13 / 22 },
        { value: '1', label: { zh: '男生', en: 'Male' }, unknown: false, count: 5, share: 5 / 22 },
      ],
    });
    expect((await get('/api/values?pipeline=gender')).json().rows[2]).toMatchObject({ value: '2', unknown: true });
  });

  test('finds them by value and by label, in a time, in the order that is wanted', async () => {
    expect(await values('search=fem')).toEqual(['0']);
    expect(await values('search=生')).toEqual(['0', '1']);
    expect(await values('sort=value')).toEqual(['0', '1', '2', '9', '10']);
    expect(await values('sort=value&order=desc&offset=1&limit=2')).toEqual(['9', '2']);
    expect(await values('to=2000&order=asc')).toEqual(['2', '0', '1']);
  });

  test('comes as a file', async () => {
    await server.bring(windowAt(3, { 'a,"b"': 1 }));
    const { body } = await get('/api/values?pipeline=gender&from=3000&format=csv');
    expect(lines(body)).toEqual(['value,label_zh,label_en,count,share', '"a,""b""","","",1,1', '']);
  });
});

const routes = [
  '/api/series?pipeline=gender',
  '/api/totals',
  '/api/sums?pipeline=gender',
  '/api/windows?pipeline=gender',
  '/api/values?pipeline=gender',
  '/api/values?pipeline=gender&from=1',
  '/api/series?pipeline=gender&resolution=window&format=csv',
  '/api/windows?pipeline=gender&format=csv',
];

describe.each(routes)('%s', (url) => {
  const failWith = (error: Error) => {
    const fail = () => Promise.reject(error);
    Object.assign(server.store, { series: fail, totals: fail });
  };

  test('is 503 while the database is away', async () => {
    failWith(new DashctlError('STORE_UNREACHABLE', '/home/someone/windows.db is locked by another process'));
    const response = await get(url);
    expect([response.statusCode, response.json().error]).toEqual([503, 'the database does not answer']);
    expect(response.body).not.toContain('/home');
  });

  test('tells of no place in the machine when something fails', async () => {
    failWith(new Error('cannot open /home/someone/windows.db'));
    const response = await get(url);
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ error: 'the server failed', hint: 'its log says why' });
  });
});
