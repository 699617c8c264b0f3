import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
// As a whole, since Node 22 before 22.20 has no getAssetKeys, and naming what is not there fails at once.
import sea from 'node:sea';
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
  if (sea.isSea()) return Buffer.from(sea.getAsset(name));
  return readFileSync(join(assetDirectory(), ...name.split('/')));
}

/** The names of all assets under a prefix such as `web/`. */
export function listAssets(prefix: string): string[] {
  if (sea.isSea()) return sea.getAssetKeys().filter((name) => name.startsWith(prefix));
  const root = assetDirectory();
  return readdirSync(join(root, prefix), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
