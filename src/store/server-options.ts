import { readFileSync } from 'node:fs';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import type { ServerLocation } from './store-location.ts';

/** How a connection is encrypted; undefined when it is not. */
export type Tls = { rejectUnauthorized: boolean; ca?: string } | undefined;

/**
 * What follows the question mark of an address: `sslmode` is `disable`, `require` (encrypted, whoever answers) or
 * `verify-full`, where `sslrootcert` names a file of trusted certificates besides those of Node.
 * @throws DashctlError `USAGE`, `FILE_NOT_READABLE`.
 */
export function tlsOf({ options }: ServerLocation): Tls {
  for (const name of options.keys()) {
    if (name !== 'sslmode' && name !== 'sslrootcert') {
      throw new DashctlError('USAGE', `--store knows no ${name}`, { hint: 'it knows sslmode and sslrootcert' });
    }
  }
  const file = options.get('sslrootcert');
  const mode = options.get('sslmode') ?? (file === null ? 'disable' : 'verify-full');
  if (mode === 'disable') return undefined;
  if (mode !== 'require' && mode !== 'verify-full') {
    throw new DashctlError('USAGE', `--store knows no sslmode=${mode}`, {
      hint: 'it knows disable, require and verify-full',
    });
  }
  return { rejectUnauthorized: mode === 'verify-full', ...(file === null ? {} : { ca: certificates(file) }) };
}

function certificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DashctlError('FILE_NOT_READABLE', `cannot read sslrootcert: ${messageOf(error)}`, {
      hint: 'name a file of certificates in PEM form',
    });
  }
}
