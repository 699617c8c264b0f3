import { readFileSync } from 'node:fs';
import { type AnyNode, type DocumentNode, evaluate, parse, type ValueNode } from '@humanwhocodes/momoa';
import { DashctlError, errnoOf, messageOf } from './errors.ts';

/** The file that is read from the working directory when `--config` does not name another. */
export const defaultConfigFile = 'dashctl.json';

/** The way to a value in a file: names of members, places in lists. */
export type ConfigPath = readonly PropertyKey[];

/** A place in a file; lines and columns begin with 1. */
export interface Place {
  line: number;
  column: number;
}

/** Something that is wrong with a config file. */
export interface ConfigFault extends Place {
  path: ConfigPath;
  message: string;
}

/** A config file that is JSON, with or without comments; what it holds is for others to judge. */
export interface ConfigFile {
  name: string;
  content: unknown;
  /** Where a value stands, or with `name` the name of a member; for what is not there, the place around it. */
  placeOf(path: ConfigPath, of?: 'name'): Place;
  /** Members that an object has twice. */
  duplicates: ConfigFault[];
}

/**
 * Reads a config file. A missing file is an error only when it was named.
 * @throws DashctlError `CONFIG_INVALID` with the place of the fault, `FILE_NOT_FOUND` for a missing named file.
 */
export function readConfig(file: string, named: boolean): ConfigFile | undefined {
  const text = readText(file, named);
  if (text === undefined) return undefined;
  let document: DocumentNode;
  let content: unknown;
  try {
    // A byte order mark comes from editors on Windows.
    document = parse(text.replace(/^\uFEFF/, ' '), { mode: 'jsonc' });
    content = evaluate(document);
  } catch (error) {
    throw invalidConfig(file, [syntaxFault(text, error)]);
  }
  const { body } = document;
  return {
    name: file,
    content,
    placeOf: (path, of) => placeOf(body, path, of),
    duplicates: duplicatesIn(body, []),
  };
}

function readText(file: string, named: boolean): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' && !named) return undefined;
    if (errnoOf(error) === 'ENOENT') {
      throw new DashctlError('FILE_NOT_FOUND', `no config file ${file}`, { hint: 'check the path' });
    }
    throw new DashctlError('CONFIG_INVALID', `cannot read the config file ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

const mostFaults = 10;

/** The error that tells of the faults of a file: one in a line, or each in a line of its own. */
export function invalidConfig(file: string, faults: readonly ConfigFault[]): DashctlError {
  const lines = faults
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(
      ({ line, column, path, message }) =>
        `${file}:${line}:${column}: ${[pathText(path), message].filter(Boolean).join(': ')}`,
    );
  const [only = `${file} is not valid`] = lines;
  const shown = lines.slice(0, mostFaults).map((line) => `\n  ${line}`);
  const more = lines.length > mostFaults ? `\n  and ${lines.length - mostFaults} more` : '';
  const message = lines.length > 1 ? `${file} has ${lines.length} faults${shown.join('')}${more}` : only;
  return new DashctlError('CONFIG_INVALID', message, {
    hint: 'mend the file and try it with "dashctl config check"; "dashctl config schema" tells all that it may hold',
  });
}

/** `pipelines[0].topic`. */
const pathText = (path: ConfigPath): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');

function syntaxFault(text: string, error: unknown): ConfigFault {
  const place = (name: 'line' | 'column') => {
    const value: unknown = error instanceof Error && name in error ? Reflect.get(error, name) : undefined;
    return typeof value === 'number' ? value : 1;
  };
  const [line, column] = [place('line'), place('column')];
  const [found] =
    text
      .split('\n')
      [line - 1]?.slice(column - 1)
      .match(/^([\w.+-]+|.)/u) ?? [];
  return {
    line,
    column,
    path: [],
    message: `not JSON: ${found ? `${found} is not expected here` : 'the end comes too early'}`,
  };
}

const startOf = ({ loc }: AnyNode): Place => ({ line: loc.start.line, column: loc.start.column });

function placeOf(root: ValueNode, path: ConfigPath, of?: 'name'): Place {
  let [node, place] = [root, startOf(root)];
  for (const [index, step] of path.entries()) {
    if (node.type === 'Array' && typeof step === 'number' && node.elements[step]) {
      node = node.elements[step].value;
      place = startOf(node);
      continue;
    }
    // Of two members of one name the last is the one that counts.
    const member = node.type === 'Object' ? node.members.findLast(({ name }) => nameOf(name) === step) : undefined;
    if (!member) return place;
    node = member.value;
    place = startOf(of === 'name' && index === path.length - 1 ? member.name : node);
  }
  return place;
}

type MemberName = Extract<ValueNode, { type: 'Object' }>['members'][number]['name'];

const nameOf = (name: MemberName): string => (name.type === 'String' ? name.value : name.name);

function duplicatesIn(node: ValueNode, path: ConfigPath): ConfigFault[] {
  if (node.type === 'Array') {
    return node.elements.flatMap(({ value }, index) => duplicatesIn(value, [...path, index]));
  }
  if (node.type !== 'Object') return [];
  const lines = new Map<string, number>();
  return node.members.flatMap(({ name, value }) => {
    const own = [...path, nameOf(name)];
    const before = lines.get(nameOf(name));
    lines.set(nameOf(name), name.loc.start.line);
    const message = `is given twice, first in line ${before}`;
    return [...(before === undefined ? [] : [{ ...startOf(name), path: own, message }]), ...duplicatesIn(value, own)];
  });
}
