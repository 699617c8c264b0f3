import { posix } from 'node:path';
import { parseSync, Visitor } from 'vite';

/** Something a file names in an import, an export … from, an import() or an import type. */
interface Reference {
  specifier: string;
  /** Only types are taken, so nothing of it is there at run time. */
  typeOnly: boolean;
}

interface Facts {
  references: Reference[];
  /** `object.property` and names that are called or constructed, such as `process.exit` or `setTimeout`. */
  uses: Set<string>;
  hasAny: boolean;
  comments: string[];
}

const rows: Readonly<Record<string, number>> = {
  commands: 4,
  csv: 3,
  kafka: 3,
  broker: 3,
  window: 3,
  store: 3,
  web: 3,
  tui: 3,
  spark: 3,
  records: 2,
  runtime: 1,
};

/** The folders of src/. */
export const rooms = Object.keys(rows);

// Packages that only some rooms may know, so that one can be replaced without touching the others.
const owners: Readonly<Record<string, readonly string[]>> = {
  kafkajs: ['kafka'],
  fastify: ['web'],
  ws: ['web'],
  echarts: ['web/client'],
  'csv-parse': ['csv'],
  'node:sqlite': ['store'],
  mysql2: ['store'],
  pg: ['store'],
  commander: ['commands', 'main.ts'],
};

// What page and server say to each other: part of both, so it may hold nothing that a browser does not have.
const wireFormats = new Set(['web/messages.ts', 'web/answers.ts', 'web/page-names.ts']);

// Time comes into windows as an argument: with a clock of their own they could not be tested without waiting.
const clocks = ['Date.now', 'Date', 'performance.now', 'setTimeout', 'setInterval', 'setImmediate'];

/**
 * What in a source file breaks the rules that the layout rests on, one line each; nothing when it keeps them.
 * `path` is slash-separated and relative to src/.
 */
export function breaches(path: string, source: string): string[] {
  const facts = factsOf(path, source);
  return [
    ...facts.references.flatMap((reference) => importBreaches(path, reference)),
    ...(facts.uses.has('process.exit') && path !== 'main.ts' ? ['calls process.exit, which only main.ts may'] : []),
    ...(roomOf(path) === 'window'
      ? clocks.filter((clock) => facts.uses.has(clock)).map((clock) => `uses ${clock}`)
      : []),
    ...typingBreaches(facts),
  ].map((breach) => `${path}: ${breach}`);
}

/** What in any TypeScript file of the project turns the type checker off. */
export function typingLeaks(path: string, source: string): string[] {
  return typingBreaches(factsOf(path, source)).map((breach) => `${path}: ${breach}`);
}

function typingBreaches({ hasAny, comments }: Facts): string[] {
  const silenced = comments.filter((comment) => /@ts-(ignore|nocheck|expect-error)/.test(comment));
  return [...(hasAny ? ['uses the type any'] : []), ...silenced.map((comment) => `has a comment "${comment.trim()}"`)];
}

// `web/client` is a room of its own: it runs in a browser, all but the settings of its build.
function roomOf(path: string): string {
  if (path.endsWith('.config.ts')) return 'web';
  if (path.startsWith('web/client/')) return 'web/client';
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path;
}

function importBreaches(path: string, { specifier, typeOnly }: Reference): string[] {
  const from = roomOf(path);
  if (!specifier.startsWith('.'))
    return packageBreaches(wireFormats.has(path) ? 'web/client' : from, specifier, typeOnly);
  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith('../')) return [`imports ${specifier}, which lies outside src/`];
  const to = roomOf(target);
  if (wireFormats.has(path) && to !== 'records' && !typeOnly) return [`imports ${target}, and the page with it`];
  if (to === from || from === 'main.ts') return [];
  if (from === 'web/client') {
    const allowed = to === 'records' || wireFormats.has(target) || (typeOnly && (to === 'web' || to === 'runtime'));
    return allowed
      ? []
      : [`imports ${target}; the page takes records/, ${[...wireFormats].join(', ')} and types of web/ and runtime/`];
  }
  const [own, other] = [rows[from], rows[to]];
  if (own !== undefined && other !== undefined && other < own) return [];
  return [`imports ${target}; a file imports from its own folder or from a lower row`];
}

function packageBreaches(from: string, specifier: string, typeOnly: boolean): string[] {
  const name = specifier.startsWith('@fastify/') ? 'fastify' : specifier;
  const [owner, allowed] = Object.entries(owners).find(([key]) => name === key || name.startsWith(`${key}/`)) ?? [];
  const found: string[] = [];
  if (allowed && !allowed.includes(from))
    found.push(`imports ${specifier}; ${owner} stays inside ${allowed.join(', ')}`);
  if (from === 'window') found.push(`imports ${specifier}; windows are arithmetic and do no I/O`);
  if (from === 'web/client' && specifier.startsWith('node:') && !typeOnly)
    found.push(`imports ${specifier} in a browser`);
  return found;
}

function factsOf(path: string, source: string): Facts {
  const { program, comments, errors } = parseSync(path, source);
  const [error] = errors;
  if (error) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const facts: Facts = { references: [], uses: new Set(), hasAny: false, comments: comments.map(({ value }) => value) };
  const refer = (specifier: string, typeOnly: boolean) => facts.references.push({ specifier, typeOnly });
  new Visitor({
    ImportDeclaration: ({ source: { value }, importKind }) => refer(value, importKind === 'type'),
    ExportAllDeclaration: ({ source: { value }, exportKind }) => refer(value, exportKind === 'type'),
    ExportNamedDeclaration: ({ source: from, exportKind }) => from && refer(from.value, exportKind === 'type'),
    ImportExpression: ({ source: from }) => refer(from.type === 'Literal' ? String(from.value) : '(computed)', false),
    TSImportType: ({ source: { value } }) => refer(value, true),
    TSAnyKeyword: () => {
      facts.hasAny = true;
    },
    MemberExpression: ({ object, property }) => {
      if (object.type === 'Identifier' && property.type === 'Identifier')
        facts.uses.add(`${object.name}.${property.name}`);
    },
    CallExpression: ({ callee }) => callee.type === 'Identifier' && facts.uses.add(callee.name),
    NewExpression: ({ callee }) => callee.type === 'Identifier' && facts.uses.add(callee.name),
  }).visit(program);
  return facts;
}
