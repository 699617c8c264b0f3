import {
  array,
  assert,
  boolean,
  constantFrom,
  dictionary,
  double,
  integer,
  oneof,
  option,
  property,
  record,
  string,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DashboardState } from '../../src/tui/dashboard-state.ts';
import { frame } from '../../src/tui/frame.ts';
import { liveState, noon, pipelineState, screen, textOf, textsOf, widest } from './_states.ts';

const sizes = [
  [200, 60],
  [100, 30],
  [80, 24],
  [60, 20],
  [40, 12],
] as const;

describe('the whole screen', () => {
  for (const lang of ['zh', 'en'] as const) {
    test(`100 × 30 looks as agreed, in ${lang}`, async () => {
      const text = textsOf(frame(liveState(), screen(100, 30, { lang })));
      await expect(`${text}\n`).toMatchFileSnapshot(`../golden/terminal-100x30-${lang}.txt`);
    });
  }

  for (const [columns, rows] of sizes) {
    test(`${columns} × ${rows} is filled and not exceeded`, () => {
      for (const lang of ['zh', 'en'] as const) {
        for (const selected of [0, 1, 2, 3, 4]) {
          const lines = frame(liveState(), screen(columns, rows, { lang, selected }));
          expect(lines).toHaveLength(rows);
          expect(widest(lines)).toBeLessThanOrEqual(columns);
        }
      }
    });

    test(`${columns} × ${rows} shows what matters most`, () => {
      const text = textsOf(frame(liveState(), screen(columns, rows)));
      for (const word of ['live', '♀', '♂', '┼', 'produce', 'aggregate', ':5000', 'q quit', '? help'])
        expect(text).toContain(word);
    });
  }

  test('values that cannot be counted are told as soon as there are any', () => {
    const state = liveState();
    const withRejected = (rejected: number) =>
      textsOf(frame({ ...state, aggregate: state.aggregate && { ...state.aggregate, rejected } }, screen(140, 40)));
    expect(withRejected(0)).not.toMatch(/late 0.*rejected/);
    expect(withRejected(1_234)).toMatch(/late 0.*rejected 1,234/);
  });

  test('room that is left over goes to the chart', () => {
    const plotRows = (rows: number) =>
      textsOf(frame(liveState(), screen(200, rows)))
        .split('\n')
        .filter((line) => /[│┤]/.test(line)).length;
    expect(plotRows(60) - plotRows(50)).toBe(10);
  });

  test('a terminal that is too small is told so in one sentence', () => {
    expect(textsOf(frame(liveState(), screen(31, 30))).trim()).toBe('needs 32 × 8');
    expect(textsOf(frame(liveState(), screen(60, 7))).trim()).toBe('60 × 7 is too small: needs 32 × 8');
    expect(frame(liveState(), screen(1, 1)).map(textOf)).toEqual(['…']);
  });
});

describe('a pipeline that is not a pair', () => {
  test('shows the sum, the three greatest as lines and all as bars', () => {
    const text = textsOf(frame(liveState(), screen(100, 30, { selected: 1 })));
    expect(text).toContain('pipeline ‹Category› 2/5');
    for (const end of ['── 1271 20', '╌╌ 662 18', '·· 389 11']) expect(text).toContain(end);
    expect(text).toMatch(/1271 ▇+ 18,244/);
    expect(text).toMatch(/values +8/);
  });

  test('counts values of one name together', () => {
    const text = textsOf(frame(liveState(), screen(100, 30, { selected: 3 })));
    expect(text).toMatch(/≥50 +▇+ 3\n/);
  });
});

describe('states', () => {
  const empty: DashboardState = { ...liveState(), pipelines: [pipelineState('gender', [])], log: [] };
  const shown = (state: Partial<DashboardState>) => textsOf(frame({ ...empty, ...state }, screen(100, 30)));

  test('with room enough the embedded broker tells how much comes in and how large its logs are', () => {
    const text = textsOf(frame(empty, screen(140, 40)));
    expect(text).toContain('broker 127.0.0.1:9092 embedded  498/s  3.4 MB');
    const elsewhere = { address: 'kafka:9092', embedded: false, traffic: null };
    expect(textsOf(frame({ ...empty, broker: elsewhere }, screen(140, 40)))).toMatch(/broker kafka:9092 *\n/);
  });

  test('connecting names the broker', () => {
    const broker = { address: 'kafka:9092', embedded: false, traffic: null };
    expect(shown({ connection: 'connecting', broker })).toContain('connecting to the broker at kafka:9092');
  });

  test('before the first row the view says when to expect something', () => {
    const produce = empty.produce && { ...empty.produce, rows: 0 };
    expect(shown({ produce })).toContain('the first window shows here a second after the first row');
  });

  test('without rows of its own the view names the topic that it waits for, and how to fill it', () => {
    const text = shown({ produce: null });
    expect(text).toContain('topic sex');
    expect(text).toContain('dashctl produce data/user_log.csv');
  });

  test('paused before the first window says how to go on', () => {
    expect(shown({ produce: empty.produce && { ...empty.produce, state: 'paused' } })).toContain(
      'press space to resume',
    );
  });

  test('a failure before the first window takes the place of the chart', () => {
    const error = { message: 'no Kafka broker at localhost:9092', hint: 'start one with: dashctl broker' };
    const text = shown({ connection: 'failed', error });
    expect(text).toMatch(/\n +✗ no Kafka broker at localhost:9092\n +start one with: dashctl broker\n/);
    expect(text.match(/no Kafka broker/g)).toHaveLength(1);
  });

  test('a failure later has a line of its own and the last numbers stay', () => {
    const error = { message: 'disk full', hint: 'free some space' };
    const text = textsOf(frame({ ...liveState(), connection: 'failed', error }, screen(80, 24)));
    expect(text).toContain('✗ disk full  free some space');
    expect(text).toContain('┼');
  });

  test('windows that stop coming while rows are sent are told', () => {
    const late = (after: number) => textsOf(frame({ ...liveState(), now: noon + after }, screen(100, 30)));
    expect(late(4_000)).toContain('● live');
    expect(late(12_000)).toContain('◌ no window for 12 s');
  });

  test('a paused replay is not a stall', () => {
    const state = liveState();
    const paused = {
      ...state,
      now: noon + 60_000,
      produce: state.produce && { ...state.produce, state: 'paused' as const },
    };
    const text = textsOf(frame(paused, screen(100, 30)));
    expect(text).toContain('● live');
    expect(text).toMatch(/produce +paused/);
    expect(text).toContain('space resume');
  });

  test('stages that do not run here are not shown', () => {
    const text = textsOf(frame({ ...liveState(), produce: null, sink: null }, screen(100, 30)));
    expect(text).not.toMatch(/produce|sink|space/);
    expect(text).toMatch(/serve +http:/);
  });

  test('without a keyboard only what works without one is offered', () => {
    expect(
      frame(liveState(), screen(100, 30, { keys: false }))
        .map(textOf)
        .at(-1),
    ).toBe(' Ctrl-C quit');
  });

  test('help explains keys and terms, in both languages', () => {
    expect(textsOf(frame(liveState(), screen(100, 30, { help: true })))).toMatch(
      /Keys[\s\S]*space[\s\S]*Terms[\s\S]*watermark/,
    );
    expect(textsOf(frame(liveState(), screen(100, 30, { help: true, lang: 'zh' })))).toMatch(
      /按键[\s\S]*空格[\s\S]*术语[\s\S]*水位线/,
    );
  });

  test('the log shows its newest lines when asked for', () => {
    const log = Array.from({ length: 9 }, (_, n) => ({ time: noon, level: 'info' as const, text: `line ${n}` }));
    const text = textsOf(frame({ ...liveState(), log }, screen(100, 30, { log: true })));
    expect(text).toContain('12:03:27 info  line 8');
    expect(text).toContain('line 4');
    expect(text).not.toContain('line 3');
  });
});

const text = string({ unit: 'binary', maxLength: 30 });
const number = oneof(
  double(),
  integer({ min: 0, max: 1e9 }),
  constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY),
);
const name = record({ zh: text, en: text });
const counts = dictionary(text, integer({ min: 0, max: 1e9 })).map((entries) => new Map(Object.entries(entries)));
const anyState = record({
  now: number,
  source: option(text),
  connection: constantFrom('connecting', 'live', 'reconnecting', 'stopping', 'failed'),
  delay: option(number),
  pipelines: array(
    record({
      name: text,
      title: name,
      labels: dictionary(text, name, { maxKeys: 4 }),
      unknown: array(text, { maxLength: 2 }),
      topic: text,
      resultTopic: text,
      window: integer({ min: 1, max: 90_000_000 }),
      windows: array(record({ start: integer({ min: 0, max: 4e12 }), counts }), { maxLength: 6 }).map((windows) =>
        windows.sort((a, b) => a.start - b.start),
      ),
      totals: counts,
    }),
    { maxLength: 4 },
  ),
  produce: option(
    record({
      state: constantFrom('running', 'paused', 'done'),
      rate: number,
      target: option(number),
      history: array(number),
      rows: number,
      percent: option(number),
      eta: option(number),
      rejected: number,
    }),
  ),
  aggregate: option(
    record({
      rate: number,
      history: array(number),
      windows: number,
      lag: number,
      late: number,
      rejected: number,
      watermarkDelay: option(number),
    }),
  ),
  sink: option(record({ windows: number, where: text })),
  serve: option(record({ url: text, clients: number })),
  broker: option(
    record({ address: text, embedded: boolean(), traffic: option(record({ rate: number, logBytes: number })) }),
  ),
  log: array(record({ time: number, level: constantFrom('debug', 'info', 'warn', 'error'), text })),
  error: option(record({ message: text, hint: option(text) })),
});

test('whatever the state and the size, the screen is exactly filled, no line is too wide, no control gets through', () => {
  const anyScreen = record({
    columns: integer({ min: 1, max: 220 }),
    rows: integer({ min: 1, max: 70 }),
    lang: constantFrom('zh', 'en'),
    selected: integer({ min: 0, max: 4 }),
    help: boolean(),
    log: boolean(),
    keys: boolean(),
  });
  assert(
    property(anyState, anyScreen, (state, { columns, rows, ...rest }) => {
      const lines = frame(state, screen(columns, rows, rest));
      expect(lines).toHaveLength(rows);
      expect(widest(lines)).toBeLessThanOrEqual(columns);
      expect(lines.map(textOf).join('')).not.toMatch(/\p{Control}/u);
    }),
    { numRuns: 300 },
  );
});
