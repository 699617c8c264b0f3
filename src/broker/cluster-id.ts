import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DashctlError } from '../runtime/errors.ts';
import { readJson, writeJson } from './log/durable-file.ts';

/** Version of the data directory's layout. */
const formatVersion = 1;

/**
 * The id of the cluster that a data directory is, 22 characters, made when the directory is new.
 * @throws DashctlError `DATA_DIR_INVALID` when the directory was written by a version that this one does not know.
 */
export function clusterIdOf(dataDir: string): string {
  const file = join(dataDir, 'meta.json');
  const meta = readJson(file);
  if (meta === undefined && !existsSync(file)) {
    const clusterId = randomBytes(16).toString('base64url');
    writeJson(file, { version: formatVersion, clusterId });
    return clusterId;
  }
  if (typeof meta === 'object' && meta !== null && 'version' in meta && meta.version === formatVersion) {
    if ('clusterId' in meta && typeof meta.clusterId === 'string') return meta.clusterId;
  }
  throw new DashctlError('DATA_DIR_INVALID', `${file} is not of a format that this version reads`, {
    hint: 'use the version of dashctl that wrote it, or choose another --data-dir',
  });
}
