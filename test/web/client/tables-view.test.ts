import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvOf, queryOf, timesOf } from '../../../src/web/client/pages/tables/request.ts';
import {
  changeView,
  followsNewest,
  isFiltered,
  pageSizes,
  readView,
  resolutions,
  sortBy,
  type TablesView,
  unfiltered,
  writeView,
} from '../../../src/web/client/pages/tables/view.ts';

const viewOf = (query: string) => readView(new URLSearchParams(query));
const addressOf = (view: TablesView) => writeView(view).toString();
const now = new Date(2026, 10, 11, 14, 3, 27, 500).getTime();
const asked = (query: string, paged = true) =>
  Object.fromEntries(queryOf(viewOf(query), 'gender', now, { paged }).entries());

describe('the view in the address', () => {
  test('an address without a query is the newest windows of the first pipeline', () => {
    expect(viewOf('')).toEqual({
      tab: 'windows',
      pipeline: undefined,
      range: 'all',
      from: undefined,
      to: undefined,
      resolution: 'window',
      key: undefined,
      search: '',
      sort: 'start',
      order: 'desc',
      page: 1,
      size: 50,
    });
    expect(addressOf(viewOf(''))).toBe('');
  });

  test('what is written is read back, whatever the view', () => {
    const time = fc.option(fc.nat(), { nil: undefined });
    const views = fc.record({
      pipeline: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      from: time,
      to: time,
      named: fc.constantFrom('all', 'today', 'hour', 'custom'),
      resolution: fc.constantFrom(...resolutions),
      key: fc.option(fc.string(), { nil: undefined }),
      search: fc.string(),
      table: fc.constantFrom(
        { tab: 'windows', sort: 'start' },
        { tab: 'windows', sort: 'total' },
        { tab: 'values', sort: 'count' },
        { tab: 'values', sort: 'value' },
      ),
      order: fc.constantFrom('asc', 'desc'),
      page: fc.integer({ min: 1, max: 1_000 }),
      size: fc.constantFrom(...pageSizes),
    });
    fc.assert(
      fc.property(views, ({ named, table, from, to, ...rest }) => {
        const range = from !== undefined || to !== undefined ? 'custom' : named;
        const view = { ...rest, ...table, from, to, range } as TablesView;
        expect(readView(new URLSearchParams(addressOf(view)))).toEqual(view);
      }),
    );
  });

  test('what cannot be understood is as if it were not there', () => {
    expect(viewOf('view=x&resolution=day&sort=count&order=up&page=-1&size=7&from=soon&range=week')).toEqual(viewOf(''));
    expect(viewOf('view=values&sort=start').sort).toBe('count');
    expect(viewOf('from=2026-11-11T00:00:00Z').from).toBe(Date.UTC(2026, 10, 11));
  });

  test('the empty value can be chosen, and is another thing than no choice', () => {
    expect(viewOf('key=').key).toBe('');
    expect(viewOf('').key).toBeUndefined();
    expect(addressOf({ ...viewOf(''), key: '' })).toBe('key=');
  });
});

describe('a choice', () => {
  test('that changes the rows goes to their first page', () => {
    expect(changeView(viewOf('page=7'), { resolution: 'hour' }).page).toBe(1);
    expect(changeView(viewOf('page=7'), { size: 25 }).page).toBe(1);
    expect(changeView(viewOf('page=7'), { page: 8 }).page).toBe(8);
  });

  test('of another pipeline forgets the values of the one before, not the time', () => {
    const view = changeView(viewOf('pipeline=gender&key=0&range=hour'), { pipeline: 'age' });
    expect(addressOf(view)).toBe('pipeline=age&range=hour');
  });

  test('of the other table sorts as that one does', () => {
    const values = changeView(viewOf('sort=total&order=asc'), { tab: 'values' });
    expect([values.sort, values.order]).toEqual(['count', 'desc']);
  });

  test('of a named range forgets the times of a range of one’s own', () => {
    expect(addressOf(changeView(viewOf('from=1&to=2'), { range: 'today' }))).toBe('range=today');
  });

  test('of a column sorts by it, and turns the order round the second time', () => {
    const once = sortBy(viewOf(''), 'total');
    expect([once.sort, once.order]).toEqual(['total', 'desc']);
    const twice = sortBy(once, 'total');
    expect([twice.sort, twice.order]).toEqual(['total', 'asc']);
    expect(sortBy(twice, 'total').order).toBe('desc');
    expect(sortBy(viewOf(''), 'start').order).toBe('asc');
    const values = viewOf('view=values');
    expect(sortBy(values, 'value').order).toBe('asc');
    expect(sortBy(sortBy(values, 'value'), 'value').order).toBe('desc');
  });

  test('to clear the filters leaves everything in', () => {
    const filtered = viewOf('key=0&range=hour&sort=total');
    expect(isFiltered(filtered)).toBe(true);
    expect(isFiltered(unfiltered(filtered))).toBe(false);
    expect(addressOf(unfiltered(filtered))).toBe('sort=total');
    // What the other table is filtered by does not narrow down this one.
    expect(isFiltered(viewOf('search=12'))).toBe(false);
    expect(isFiltered(viewOf('view=values&search=12'))).toBe(true);
  });
});

test('new windows belong on the first page of the newest, and in sums that have not ended', () => {
  const follows = (query: string) => followsNewest(viewOf(query), now);
  expect(['', 'range=hour', `from=${now - 1}`, 'view=values&page=3', `to=${now + 1}`].map(follows)).not.toContain(
    false,
  );
  expect(['page=2', 'sort=total', 'order=asc', `to=${now}`, `view=values&to=${now}`].map(follows)).not.toContain(true);
});

describe('what the server is asked', () => {
  test('is a page of the rows of the view', () => {
    expect(asked('page=3&size=25&key=0&sort=total&order=asc&resolution=minute')).toEqual({
      pipeline: 'gender',
      resolution: 'minute',
      key: '0',
      sort: 'total',
      order: 'asc',
      offset: '50',
      limit: '25',
    });
    expect(asked('view=values&search=12&key=0')).toEqual({
      pipeline: 'gender',
      search: '12',
      sort: 'count',
      order: 'desc',
      offset: '0',
      limit: '50',
    });
  });

  test('is about the reader’s day, or the hour before now', () => {
    expect(timesOf(viewOf('range=today'), now)).toEqual({ from: new Date(2026, 10, 11).getTime() });
    expect(timesOf(viewOf('range=hour'), now)).toEqual({ from: now - 500 - 3_600_000 });
    expect(timesOf(viewOf('to=5'), now)).toEqual({ to: 5 });
    expect(timesOf(viewOf(''), now)).toEqual({});
  });

  test('is all rows for a file', () => {
    const { href, name } = csvOf(viewOf('page=3&size=25&from=1&to=2'), 'gender', now);
    expect(name).toBe('gender-windows.csv');
    expect(href).toBe('./api/windows?pipeline=gender&from=1&to=2&resolution=window&sort=start&order=desc&format=csv');
  });
});
