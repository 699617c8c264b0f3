import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { userLogColumns } from '../../../src/records/user-log.ts';
import { encodeWindowCount } from '../../../src/records/window-count.ts';
import { codeTables } from '../../../src/web/client/pages/docs/codes.ts';
import { commandsFor, resultExample } from '../../../src/web/client/pages/docs/examples.ts';
import { piecesOf } from '../../../src/web/client/pages/docs/pieces.ts';
import { docsWords } from '../../../src/web/client/pages/docs/words.ts';
import { pageNames } from '../../../src/web/page-names.ts';
import { infoOf } from '../../../src/web/snapshot.ts';

describe('examples', () => {
  const point = { start: 1_000, end: 2_000, revision: 1, counts: { NULL: 4, 10: 2, 9: 1, 0: 47, 'a"b': 3 } };
  const window = { ...point, pipeline: 'gender', lateDropped: 7, counts: new Map(Object.entries(point.counts)) };

  test('of a result are what lies in the topic, in both forms', () => {
    const example = resultExample('gender', point, 7);
    const { key, value, timestamp, headers } = encodeWindowCount(window);
    expect(example).toMatchObject({ key, list: value, timestamp, headers });
    expect(example.object).toBe(encodeWindowCount(window, 'object').value);
  });

  test('of many values are the first few', () => {
    const counts = Object.fromEntries(Array.from({ length: 1_600 }, (_, index) => [`c${index}`, 1]));
    const { list } = resultExample('category', { ...point, counts }, 0);
    expect(list.split(',')).toHaveLength(9);
    expect(list).toMatch(/,…\]$/);
  });

  test('of commands name this very server, also below a path of another', () => {
    const now = Date.UTC(2026, 10, 11, 14, 3, 27);
    const own = commandsFor('https://example.org/shop/', 'gender', now);
    expect(own.totals).toBe("curl 'https://example.org/shop/api/totals?pipeline=gender'");
    expect(own.minutes).toContain('from=2026-11-11T13:00:00Z');
    expect(own.socket).toContain("new WebSocket('wss://example.org/shop/ws')");
    expect(own.socket).toContain('message.windows.gender)');
    expect(own.prometheus).toContain("targets: ['example.org']");
    expect(own.prometheus).toContain('metrics_path: /shop/metrics');
    expect(commandsFor('http://127.0.0.1:5000/', 'a b', now).totals).toContain('pipeline=a%20b');
    expect(commandsFor('http://127.0.0.1:5000/', 'a-b', now).socket).toContain('message.windows["a-b"])');
  });
});

describe('codes', () => {
  test('are called as the pipelines of the server call them', () => {
    const gender = {
      ...infoOf(builtInPipelines[0] ?? fail()),
      labels: { F: { zh: '女', en: 'Woman' } },
      unknown: ['?'],
    };
    expect(codeTables([gender]).find(({ column }) => column === 'gender')).toEqual({
      column: 'gender',
      codes: [{ codes: ['F'], label: { zh: '女', en: 'Woman' } }],
      unknown: ['?'],
    });
  });

  test('are those of the built-in pipelines where the server counts something else', () => {
    expect(codeTables([])).toEqual(codeTables(builtInPipelines.map(infoOf)));
    const ages = codeTables([]).find(({ column }) => column === 'age_range');
    expect(ages?.codes.at(-1)).toEqual({ codes: ['7', '8'], label: { zh: '≥50', en: '≥50' } });
  });
});

describe('the words', () => {
  const chinese = /[\u4e00-\u9fff]/;

  test('describe each column of the log and each page, in both languages', () => {
    for (const t of Object.values(docsWords)) {
      expect(Object.keys(t.columns)).toEqual([...userLogColumns]);
      expect(Object.keys(t.pages)).toEqual([...pageNames]);
    }
  });

  test('explain as many things in one language as in the other', () => {
    const { zh, en } = docsWords;
    for (const name of ['terms', 'flow', 'keys', 'messages'] as const) expect(zh[name]).toHaveLength(en[name].length);
    expect(zh.keys.map(({ keys }) => keys)).toEqual(en.keys.map(({ keys }) => keys));
    expect(JSON.stringify(en)).not.toMatch(chinese);
  });

  test('name routes and parameters that the server has', () => {
    const sources = ['openapi', 'routes/queries', 'routes/health', 'routes/api', 'position', 'app', 'login'].map(
      (name) => readFileSync(new URL(`../../../src/web/${name}.ts`, import.meta.url), 'utf8'),
    );
    const text = sources.join('\n');
    for (const path of Object.keys(docsWords.zh.api.routes)) expect(text).toContain(`'${path}'`);
    for (const name of Object.keys(docsWords.zh.api.parameters)) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test('stand between code and text by backticks', () => {
    expect(piecesOf('run `dashctl tail` now')).toEqual([
      { text: 'run ', code: false, at: 0 },
      { text: 'dashctl tail', code: true, at: 5 },
      { text: ' now', code: false, at: 18 },
    ]);
    for (const t of Object.values(docsWords)) {
      const unpaired = (JSON.stringify(t).match(/"(?:[^"\\]|\\.)*"/g) ?? []).filter(
        (text) => text.split('`').length % 2 === 0,
      );
      expect(unpaired).toEqual([]);
    }
  });
});

function fail(): never {
  throw new Error('there are no pipelines');
}
