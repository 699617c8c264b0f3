// Builds dist/bin/dashctl: one executable that holds Node, the program, the page and the sample.
//   node bin/build-binary.ts
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { buildPackage } from './build.ts';
import { digestOf, dist, filesUnder, licencesOf, programOptions, workspace, writeChanged } from './bundle.ts';

const folder = join(dist, 'bin');
const binary = join(folder, process.platform === 'win32' ? 'dashctl.exe' : 'dashctl');

await buildPackage();
// One file: an executable has no folder to load chunks from. Modules behind import() still run only when asked for.
const { outputFiles, metafile } = await build({ ...programOptions, outfile: 'dashctl.mjs' });
const [program] = outputFiles;
if (!program) throw new Error('esbuild gave no program');

const assets = ['web', 'data'].flatMap((name) => filesUnder(join(dist, name)));
const digest = digestOf([...assets, import.meta.filename], program.text, process.version, process.arch);
const stamp = join(folder, '.inputs');

if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) {
  console.log(`${relative(process.cwd(), binary)} is up to date, ${size(binary)}`);
} else {
  const start = performance.now();
  mkdirSync(folder, { recursive: true });
  rmSync(stamp, { force: true });
  const work = mkdtempSync(join(tmpdir(), 'dashctl-binary-'));
  try {
    assemble(work, program.contents);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  writeChanged(join(folder, 'LICENCES.txt'), licencesOf(metafile));
  writeChanged(stamp, digest);
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  console.log(`${relative(process.cwd(), binary)} built in ${seconds} s, ${size(binary)}`);
}

function assemble(work: string, code: Uint8Array): void {
  const main = join(work, 'dashctl.mjs');
  const output = join(work, 'dashctl');
  const config = join(work, 'sea.json');
  writeFileSync(main, code);
  writeFileSync(
    config,
    JSON.stringify({
      main,
      mainFormat: 'module',
      executable: strippedNode(join(work, 'node')),
      output,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      // The executable is dashctl, not a Node: NODE_OPTIONS of the surroundings must not change what it does.
      execArgvExtension: 'none',
      assets: Object.fromEntries(assets.map((file) => [relative(dist, file).split(sep).join('/'), file])),
    }),
  );
  execFileSync(process.execPath, ['--build-sea', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  // Adding the program has broken the signature that macOS insists on.
  if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', '--force', output]);
  const printed = execFileSync(output, ['--version'], { encoding: 'utf8', env: {} }).trim();
  if (printed !== workspace.version) throw new Error(`the executable calls itself "${printed}"`);
  // Beside its place first, since a rename does not cross file systems, and cannot fail with "text file busy".
  copyFileSync(output, `${binary}.part`);
  renameSync(`${binary}.part`, binary);
}

// Symbols are a fifth of Node's size. Before the program is added: strip would drop what it does not know.
function strippedNode(copy: string): string {
  copyFileSync(process.execPath, copy);
  const { status, error } = spawnSync('strip', process.platform === 'darwin' ? ['-x', copy] : [copy]);
  if (status === 0) return copy;
  console.warn(
    `strip is missing or failed, so the executable is larger than it need be${error ? `: ${error.message}` : ''}`,
  );
  return process.execPath;
}

function size(file: string): string {
  return `${(statSync(file).size / 1e6).toFixed(1)} MB`;
}
