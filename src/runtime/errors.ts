/**
 * The closed set of reasons for which dashctl stops. A code names the kind of failure, so that tests and scripts need
 * not read prose.
 */
export type ErrorCode =
  | 'USAGE'
  | 'CONFIG_INVALID'
  | 'FILE_NOT_FOUND'
  | 'FILE_NOT_READABLE'
  | 'FILE_NOT_WRITABLE'
  | 'CSV_INVALID'
  | 'COUNTS_DIFFER'
  | 'BROKER_UNREACHABLE'
  | 'BROKER_REFUSED'
  | 'TOPIC_UNKNOWN'
  | 'TAKEN_OVER'
  | 'COMMIT_ABORTED'
  | 'COMMIT_UNKNOWN'
  | 'PORT_TAKEN'
  | 'DATA_DIR_IN_USE'
  | 'DATA_DIR_INVALID'
  | 'DISK_FULL'
  | 'STORE_UNREACHABLE'
  | 'STORE_REFUSED'
  | 'STORE_INVALID'
  | 'INTERRUPTED'
  | 'INTERNAL';

/** Exit statuses of the executable. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * A failure the reader can act on: `message` is one line of what failed, `hint` one line of what to do.
 * Everything a command throws on purpose is one of these; anything else is a bug and is reported as `INTERNAL`.
 */
export class DashctlError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DashctlError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** The exit status that a failure ends the process with. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof DashctlError)) return exitCodes.failed;
  if (error.code === 'USAGE') return exitCodes.usage;
  if (error.code === 'INTERRUPTED') return exitCodes.interrupted;
  return exitCodes.failed;
}

/** The errno name (`ENOENT`, `EADDRINUSE` …) of a system error, undefined for any other value. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For a line of the log: the message with the hint, if there is one. */
export function withHint(error: unknown): string {
  const hint = error instanceof DashctlError && error.hint ? ` (${error.hint})` : '';
  return `${messageOf(error)}${hint}`;
}
