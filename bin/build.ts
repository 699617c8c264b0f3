// Builds dist/: the program as ES modules, the page, the sample, and the package.json under which it is published.
//   node bin/build.ts [--watch]
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildResult, build, context, type Plugin } from 'esbuild';
import { digestOf, dist, filesUnder, licencesOf, programOptions, root, workspace, writeChanged } from './bundle.ts';

// Commands are loaded lazily, so each lies in a chunk of its own beside main.js, and the assets beside them.
const packageOptions = { ...programOptions, splitting: true, outdir: dist, chunkNames: '[name]-[hash]' } as const;

// What dist/web was built from. Only a build that ran to its end writes it.
const stamp = join(dist, '.page-inputs');

const client = join(root, 'src', 'web', 'client');
const pageOptions = (outDir: string) => ({
  root: client,
  configFile: join(client, 'vite.config.ts'),
  logLevel: 'warn' as const,
  // The page is a bundle too: the licences of what it holds travel with it.
  build: { outDir, emptyOutDir: true, license: { fileName: 'licences.md' } },
});

/** Brings dist/ up to date and returns what changed, for one line on the terminal. */
export async function buildPackage(): Promise<string[]> {
  const [program, page] = await Promise.all([build(packageOptions), buildPage()]);
  const written = [...writeProgram(program), ...page, ...writeSurroundings()];
  const outputs = new Set([...program.outputFiles.map((file) => basename(file.path)), 'dashctl.js']);
  for (const file of readdirSync(dist)) {
    if (file.endsWith('.js') && !outputs.has(file)) rmSync(join(dist, file));
  }
  return written;
}

function writeProgram(result: BuildResult<typeof packageOptions>): string[] {
  const written = result.outputFiles.filter((file) => writeChanged(file.path, file.contents));
  writeChanged(join(dist, 'LICENCES.txt'), licencesOf(result.metafile));
  return written.length > 0 ? ['program'] : [];
}

// Vite takes seconds where the rest takes tenths, and most changes are not in the page.
async function buildPage(): Promise<string[]> {
  const inputs = [
    ...['web', 'records', 'runtime'].flatMap((room) => filesUnder(join(root, 'src', room))),
    join(root, 'package-lock.json'),
    import.meta.filename,
  ];
  const digest = digestOf(inputs);
  if (existsSync(join(dist, 'web', 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest)
    return [];
  const vite = await import('vite');
  rmSync(stamp, { force: true });
  await vite.build(pageOptions(join(dist, 'web')));
  writeChanged(stamp, digest);
  return ['page'];
}

/** What lies around the code: the sample, the published package.json, the command's entry, readme and licence. */
function writeSurroundings(): string[] {
  const manifest = {
    name: 'dashctl',
    version: workspace.version,
    description: workspace.description,
    license: workspace.license,
    keywords: ['kafka', 'csv', 'dashboard', 'streaming', 'websocket', 'terminal'],
    type: 'module',
    bin: { dashctl: 'dashctl.js' },
    engines: { node: '>=22.13' },
    files: ['*.js', 'web', 'data', 'LICENCES.txt'],
  };
  const entry = readFileSync(join(root, 'bin', 'dashctl.js'), 'utf8').replace('../dist/main.js', './main.js');
  const files: [name: string, contents: string | Uint8Array][] = [
    ['package.json', `${JSON.stringify(manifest, null, 2)}\n`],
    ['dashctl.js', entry],
    ['data/user_log.csv', readFileSync(join(root, 'data', 'user_log.csv'))],
    ...['README.md', 'LICENSE'].flatMap((name): typeof files => {
      const file = join(root, name);
      return existsSync(file) ? [[name, readFileSync(file)]] : [];
    }),
  ];
  return files.filter(([name, contents]) => writeChanged(join(dist, name), contents)).map(([name]) => name);
}

/** Rebuilds program and page at every change, until interrupted. A running `dashctl` keeps its old chunks. */
async function watch(): Promise<void> {
  const report: Plugin = {
    name: 'report',
    setup(build) {
      build.onEnd((result) => {
        if (result.errors.length > 0) return;
        const written = (result.outputFiles ?? []).filter((file) => writeChanged(file.path, file.contents));
        if (written.length > 0) console.log(`program built (${written.map((file) => basename(file.path)).join(', ')})`);
      });
    },
  };
  rmSync(stamp, { force: true });
  writeSurroundings();
  const program = await context({ ...packageOptions, plugins: [...packageOptions.plugins, report] });
  await program.watch();
  const vite = await import('vite');
  const { build: page, ...options } = pageOptions(join(dist, 'web'));
  await vite.build({ ...options, logLevel: 'info', build: { ...page, emptyOutDir: false, watch: {} } });
}

if (import.meta.main) {
  if (process.argv.includes('--watch')) {
    await watch();
  } else {
    const start = performance.now();
    const written = await buildPackage();
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    console.log(
      `dist/ is up to date in ${seconds} s (${written.length > 0 ? `built ${written.join(', ')}` : 'no change'})`,
    );
  }
}
