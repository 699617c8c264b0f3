import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { getAsset, getAssetKeys, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

// Everything that the program carries with it: the pages under `web/`, the sample under `data/`.
// In the single executable they are SEA assets; in the npm package and the work tree they lie beside the bundle.
const assetDirectory = () => {
  const here = dirname(fileURLToPath(import.meta.url));
  // From source (src/runtime) the built assets are in dist/, as they are for the bundle, which lies in dist/ itself.
  return here.endsWith(join('src', 'runtime')) ? join(here, '..', '..', 'dist') : here;
};

/** The content of an asset, by its slash-separated name (`web/index.html`, `data/user_log.csv`); throws when there is none. */
export function readAsset(name: string): Buffer {
  if (isSea()) return Buffer.from(getAsset(name));
  return readFileSync(join(assetDirectory(), ...name.split('/')));
}

/** The names of all assets under a prefix such as `web/`. */
export function listAssets(prefix: string): string[] {
  if (isSea()) return getAssetKeys().filter((name) => name.startsWith(prefix));
  const root = assetDirectory();
  return readdirSync(join(root, prefix), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
