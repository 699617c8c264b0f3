import { DashctlError, messageOf } from '../runtime/errors.ts';

// Result codes of SQLite, without what the extended ones add.
const codes = { busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, noDatabase: 26 };

/** SQLite's result code of an error of node:sqlite; undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : undefined;
}

/** Whether another process was writing. */
export const isBusy = (error: unknown) => [codes.busy, codes.locked].includes(resultCode(error) ?? -1);

/** Whether a number was read that JavaScript's own numbers do not hold. */
export const isOutOfRange = (error: unknown) =>
  error instanceof Error && (error as { code?: unknown }).code === 'ERR_OUT_OF_RANGE';

/** What a reader is told for an error of SQLite. Others are faults of this program and come back as they are. */
export function toSqliteError(error: unknown, file: string): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  const because = { cause: error };
  switch (code) {
    case codes.busy:
    case codes.locked:
      return new DashctlError('STORE_UNREACHABLE', `${file} is locked by another process`, {
        hint: 'end whatever else writes to it',
        ...because,
      });
    case codes.readOnly:
      return new DashctlError('STORE_REFUSED', `${file} cannot be written`, {
        hint: "check the file's rights and those of its folder, or name another file",
        ...because,
      });
    case codes.cannotOpen:
      return new DashctlError('STORE_REFUSED', `cannot open ${file}`, {
        hint: 'check that its folder exists, and that this user may read and write it',
        ...because,
      });
    case codes.full:
      return new DashctlError('DISK_FULL', `no space left for ${file}`, {
        hint: 'make room, or keep windows for less long with --retain',
        ...because,
      });
    case codes.corrupt:
      return new DashctlError('STORE_INVALID', `${file} is damaged`, {
        hint: 'move it away: a new one is filled from the result topics',
        ...because,
      });
    case codes.noDatabase:
      return new DashctlError('STORE_INVALID', `${file} is no SQLite database`, {
        hint: 'name another file',
        ...because,
      });
    case codes.ioError:
      return new DashctlError('STORE_REFUSED', `cannot read or write ${file}: ${messageOf(error)}`, {
        hint: "the system's log says more",
        ...because,
      });
    default:
      return new DashctlError('STORE_INVALID', `${file}: ${messageOf(error)}`, {
        hint: 'were its tables changed by something else?',
        ...because,
      });
  }
}
