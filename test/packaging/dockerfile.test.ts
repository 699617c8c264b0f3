import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ').split('\n');
const kept = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'));

const copies = lines
  .filter((line) => line.startsWith('COPY '))
  .map((line) => line.split(/\s+/).slice(1))
  .map((words) => ({
    stage: words.find((word) => word.startsWith('--from=')),
    sources: words.filter((word) => !word.startsWith('--')).slice(0, -1),
  }));

describe('the Dockerfile', () => {
  test('copies what the repository holds and the build context lets through', () => {
    const sources = copies.filter(({ stage }) => !stage).flatMap((copy) => copy.sources);
    expect(sources).toContain('package-lock.json');
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    expect(sources.filter((source) => source !== '.' && !kept.includes(`!${source}`))).toEqual([]);
    expect(kept.filter((line) => !existsSync(join(root, line.slice(1))))).toEqual([]);
  });

  test('takes from its build stage what the build of the executable writes', () => {
    const sources = copies.filter(({ stage }) => stage).flatMap((copy) => copy.sources);
    expect(sources).toEqual(['/build/dist/bin/dashctl', '/build/dist/bin/LICENCES.txt']);
  });

  test('does not run as root', () => {
    const user = lines.findLastIndex((line) => line.startsWith('USER '));
    expect(lines[user]).toBe('USER dashctl');
    expect(user).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('FROM ')));
  });
});
