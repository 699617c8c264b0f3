import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder } from '../../bin/bundle.ts';
import { breaches, typingLeaks } from './_rules.ts';

const root = join(import.meta.dirname, '..', '..');
const scripts = (folder: string) =>
  filesUnder(join(root, folder)).filter((file) => /\.tsx?$/.test(file) && !file.includes(`${sep}node_modules${sep}`));
const nameOf = (file: string, base: string) => relative(join(root, base), file).split(sep).join('/');

describe('the project', () => {
  test('keeps the rule of imports in every file of src/', () => {
    const files = scripts('src');
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => breaches(nameOf(file, 'src'), readFileSync(file, 'utf8')))).toEqual([]);
  });

  test('lets the type checker see everything in bin/ and test/', () => {
    const files = [...scripts('bin'), ...scripts('test')];
    expect(files.flatMap((file) => typingLeaks(nameOf(file, '.'), readFileSync(file, 'utf8')))).toEqual([]);
  });
});

describe('the check', () => {
  test.each([
    ['a command that joins rooms', 'commands/tail.ts', `import { topicSource } from '../kafka/topic-source.ts';`],
    ['a file of the same room', 'broker/apis/fetch.ts', `import { api } from '../protocol/api.ts';`],
    ['a lower row', 'window/watermark.ts', `import type { WindowCount } from '../records/window-count.ts';`],
    ['a lazily loaded command', 'main.ts', `const { up } = await import('./commands/up.ts');`],
    ['kafkajs inside kafka/', 'kafka/client.ts', `import { Kafka } from 'kafkajs';`],
    ['process.exit in main.ts', 'main.ts', 'process.exit(1);'],
    [
      'process.exit in a comment or a text',
      'csv/read.ts',
      `// never process.exit\nexport const a = 'process.exit(1)';`,
    ],
    ['the type of a message in the page', 'web/client/live.ts', `import type { Message } from '../messages.ts';`],
    ['the wire format in the page', 'web/client/live.ts', `import { protocolVersion } from '../messages.ts';`],
    ['Node code in the settings of the page', 'web/client/vite.config.ts', `import zlib from 'node:zlib';`],
    ['a clock outside of windows', 'kafka/retry.ts', 'export const now = () => Date.now();'],
    ['the word any where it is no type', 'csv/any.ts', `// any row\nexport const any = 'any';`],
  ])('passes %s', (_, path, source) => {
    expect(breaches(path, source)).toEqual([]);
  });

  test.each([
    ['a room that knows another', 'window/a.ts', `import { b } from '../kafka/b.ts';`, /lower row/],
    ['a type taken from another room', 'web/a.ts', `import type { B } from '../store/b.ts';`, /lower row/],
    ['an inline import type', 'tui/a.ts', `export type B = import('../web/b.ts').B;`, /lower row/],
    ['an import() of another room', 'tui/a.tsx', `export const b = () => import('../broker/b.ts');`, /lower row/],
    ['a re-export of another room', 'csv/a.ts', `export { b } from '../window/b.ts';`, /lower row/],
    ['an export * of another room', 'csv/a.ts', `export * from '../window/b.ts';`, /lower row/],
    ['records that know a stage', 'records/a.ts', `import '../csv/b.ts';`, /lower row/],
    ['runtime that knows records', 'runtime/a.ts', `import { b } from '../records/b.ts';`, /lower row/],
    ['a room that knows a command', 'kafka/a.ts', `import { b } from '../commands/b.ts';`, /lower row/],
    ['a room that knows main', 'commands/a.ts', `import '../main.ts';`, /lower row/],
    ['a folder that is in no row', 'commands/a.ts', `import '../utils/b.ts';`, /lower row/],
    ['an import from outside src/', 'commands/a.ts', `import '../../bin/bundle.ts';`, /outside src/],
    ['kafkajs outside kafka/', 'commands/a.ts', `import type { Kafka } from 'kafkajs';`, /kafkajs stays inside kafka/],
    ['a part of kafkajs', 'commands/a.ts', `import 'kafkajs/src/network';`, /kafkajs stays inside kafka/],
    ['a fastify plug-in outside web/', 'commands/a.ts', `import s from '@fastify/static';`, /fastify stays inside web/],
    ['a server that knows its page', 'web/app.ts', `import { b } from './client/b.ts';`, /lower row/],
    ['a page that runs server code', 'web/client/a.ts', `import { b } from '../app.ts';`, /the page takes records/],
    ['a page that runs Node code', 'web/client/a.ts', `import { join } from 'node:path';`, /in a browser/],
    ['Node code in the wire format', 'web/messages.ts', `import { join } from 'node:path';`, /in a browser/],
    ['server code in the wire format', 'web/messages.ts', `import { b } from './app.ts';`, /and the page with it/],
    ['windows that do I/O', 'window/a.ts', `import { readFile } from 'node:fs';`, /no I\/O/],
    ['windows with a clock', 'window/a.ts', 'export const a = () => Date.now();', /uses Date.now/],
    ['windows with a timer', 'window/a.ts', 'setTimeout(() => 1, 1);', /uses setTimeout/],
    ['windows with a date', 'window/a.ts', 'export const a = new Date();', /uses Date/],
    ['a component that ends the process', 'tui/a.tsx', 'export const A = () => process.exit(0);', /only main.ts/],
    ['process.exit handed on', 'runtime/a.ts', 'export const end = process.exit;', /only main.ts/],
    ['an any', 'csv/a.ts', 'export const a = (b: any) => b;', /uses the type any/],
    ['a list of any', 'csv/a.ts', 'export const a: Array<any> = [];', /uses the type any/],
    ['a silenced line', 'csv/a.ts', '// @ts-ignore\nexport const a: number = "";', /@ts-ignore/],
    ['a silenced file', 'csv/a.ts', '/* @ts-nocheck */ export const a = 1;', /@ts-nocheck/],
  ])('finds %s', (_, path, source, expected) => {
    expect(breaches(path, source)).toEqual([expect.stringMatching(expected)]);
  });

  test('names the file and what it imports', () => {
    expect(breaches('window/a.ts', `import { b } from '../kafka/b.ts';`)).toEqual([
      'window/a.ts: imports kafka/b.ts; a file imports from its own folder or from a lower row',
    ]);
  });
});
