import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rooms } from './_rules.ts';

const root = join(import.meta.dirname, '..', '..');

// Files that are, or could at this moment become, part of the repository.
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root })
  .toString()
  .split('\0')
  .filter(Boolean);

const entriesOf = (folder: string) => [
  ...new Set(
    files.filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length).split('/')[0] ?? ''),
  ),
];

/** Names that are not among those allowed. */
const others = (names: readonly string[], allowed: readonly string[]) =>
  names.filter((name) => !allowed.includes(name));

describe('the layout', () => {
  test('has nothing at the top but what the project is made of and what tools insist on finding there', () => {
    const allowed = [
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'biome.json',
      'Dockerfile',
      'README.md',
      'LICENSE',
    ];
    const names = entriesOf('').filter((name) => !name.startsWith('.'));
    expect(others(names, [...allowed, 'src', 'bin', 'data', 'test'])).toEqual([]);
  });

  test('has no folder in src/ that is not in a row', () => {
    expect(others(entriesOf('src/'), [...rooms, 'main.ts', 'README.md'])).toEqual([]);
  });

  test('has tests in the folders of src/ and in those that look at the whole', () => {
    const whole = ['_support', 'architecture', 'bench', 'e2e', 'golden', 'packaging', 'soak'];
    expect(others(entriesOf('test/'), [...rooms, ...whole, 'vitest.config.ts', 'tsconfig.json'])).toEqual([]);
  });

  test('names source files in kebab-case, after what they export, never after their being of use', () => {
    const names = files
      .filter((file) => /^(src|bin|test)\/.*\.tsx?$/.test(file))
      .map((file) => file.split('/').at(-1) ?? '')
      .filter(
        (name) =>
          !/^_?[a-z0-9]+(-[a-z0-9]+)*(\.test|\.config|\.d)?\.tsx?$/.test(name) ||
          /util|helper|manager|^index\./.test(name),
      );
    expect(names).toEqual([]);
  });
});
