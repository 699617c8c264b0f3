import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';
import { runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

interface Packed {
  name: string;
  version: string;
  filename: string;
  /** Bytes of the tarball, and of what it unpacks to. */
  size: number;
  unpackedSize: number;
  files: { path: string; mode: number }[];
}

function pack(destination: string): Packed {
  const args = ['pack', './dist', '--json', '--pack-destination', destination];
  const output = execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  // A list of packages, or from npm 12 on an object by name.
  const [packed]: Packed[] = Object.values(JSON.parse(output));
  if (!packed) throw new Error(`npm packed nothing: ${output}`);
  return packed;
}

const oldestNode = join(root, '.ci', 'cache', 'oldest-node', 'node');
const oldestNodeIsHere = process.env.CI !== undefined || existsSync(oldestNode);
const once = ['up', '--once', '--rate', 'max', '--port', '0', '--broker-port', '0'];

/** The package installed globally, in a folder of the test's own. */
function installed() {
  const folder = temporaryFolder();
  const { filename, version } = pack(folder);
  const args = ['install', '--global', '--prefix', folder, '--no-audit', '--no-fund', join(folder, filename)];
  execFileSync('npm', args, { cwd: folder, stdio: 'ignore' });
  return { folder, version, entry: join(folder, 'bin', 'dashctl') };
}

describe('the published package', () => {
  test('holds the program, the page, the sample and the licences, and nothing else', () => {
    const packed = pack(temporaryFolder());
    const paths = packed.files.map((file) => file.path);
    const fixed = [
      'package.json',
      'dashctl.js',
      'main.js',
      'README.md',
      'LICENSE',
      'LICENCES.txt',
      'data/user_log.csv',
    ];
    expect(paths).toEqual(expect.arrayContaining([...fixed, 'web/index.html']));
    expect(paths.filter((path) => !fixed.includes(path) && !/^(web\/.+|[\w-]+\.js)$/.test(path))).toEqual([]);
  });

  test('is at most 3 MB to fetch and 7 MB on disk', () => {
    const { size, unpackedSize } = pack(temporaryFolder());
    expect(size).toBeLessThan(3_000_000);
    expect(unpackedSize).toBeLessThan(7_000_000);
  });

  test('needs no other package, runs no script, and says which Node it needs', () => {
    const manifest: Record<string, unknown> = JSON.parse(read('dist', 'package.json'));
    expect(manifest).toMatchObject({ name: 'dashctl', type: 'module', engines: { node: '>=22.13' } });
    expect(manifest.version).toBe(JSON.parse(read('package.json')).version);
    for (const key of ['dependencies', 'optionalDependencies', 'peerDependencies', 'scripts', 'private']) {
      expect(manifest).not.toHaveProperty(key);
    }
  });

  test('imports nothing that Node does not bring', () => {
    const specifiers = readdirSync(join(root, 'dist'))
      .filter((file) => file.endsWith('.js'))
      .flatMap((file) => parseSync(file, read('dist', file)).module.staticImports)
      .map(({ moduleRequest }) => moduleRequest.value);
    expect(specifiers).toContain('node:net');
    const outside = specifiers.filter((name) => !name.startsWith('./') && !isBuiltin(name));
    expect(outside).toEqual([]);
  });

  test('names every package whose code it holds, with its licence', () => {
    const licences = read('dist', 'LICENCES.txt');
    for (const name of ['commander', 'fastify', 'ink', 'kafkajs', 'pino', 'react', 'yoga-layout', 'zod']) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    }
    expect(read('dist', 'web', 'licences.md')).toContain('echarts');
  });

  test('runs where it was installed, with its sample', async () => {
    const { folder, entry, version } = installed();
    const env = { PATH: process.env.PATH ?? '' };
    const printed = await runDashctl(['--version'], { executable: entry, env });
    expect(printed).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const { code, stdout, stderr } = await runDashctl(once, { executable: entry, env, cwd: folder });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 10_000, rejected: 0 });
  });

  test.skipIf(!oldestNodeIsHere)('runs on the oldest Node that it promises (.ci/install brings it)', async () => {
    const { folder, entry } = installed();
    const run = (...args: string[]) => runDashctl([entry, ...args], { executable: oldestNode, cwd: folder });
    for (const command of ['up', 'produce', 'aggregate', 'serve', 'tail', 'broker', 'generate']) {
      expect(await run(command, '--help')).toMatchObject({ code: 0, stderr: '' });
    }
    const { code, stdout, stderr } = await run(...once);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 10_000, rejected: 0 });
  });
});

describe('the lock file', () => {
  // npm ci refuses a lock that leaves one out, and npm leaves out what a registry does not have for a platform.
  test('knows every optional package that a package asks for', () => {
    const lock: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
      read('package-lock.json'),
    );
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !lock.packages[`${path}/node_modules/${name}`] && !lock.packages[`node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });
});
