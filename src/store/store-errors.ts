import { DashctlError } from '../runtime/errors.ts';

/**
 * Whether a failed call of a store may succeed when it is made again later: the database is away, is starting, or was
 * busy. All others last until somebody does something about them: `STORE_REFUSED` (login, rights, a database that is
 * not there), `STORE_INVALID` (what is there is not ours, or is of a newer version), `DISK_FULL`.
 */
export const isPassing = (error: unknown): boolean =>
  error instanceof DashctlError && error.code === 'STORE_UNREACHABLE';
