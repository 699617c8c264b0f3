import { DashctlError, messageOf } from '../runtime/errors.ts';

/** What went wrong with a database server, whichever it is. */
export type Failure =
  /** It cannot be reached, is starting or stopping, or has closed the connection. */
  | 'away'
  /** Another writer was in the way: the same transaction works when it is tried again. */
  | 'conflict'
  | 'login'
  | 'noDatabase'
  | 'rights'
  | 'readOnly'
  | 'full'
  | 'tls'
  /** The tables are not what they should be, or a statement was not understood. */
  | 'invalid';

/** What messages name, and what they must not. */
export interface ServerNames {
  /** The address without credentials. */
  name: string;
  database: string;
  password: string;
}

// Of Node's sockets and resolver.
const networkErrors = new Set(
  `ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN ENOTFOUND EAI_AGAIN
   ENOENT EADDRNOTAVAIL`.split(/\s+/),
);

export const isNetworkError = (code: unknown): boolean => typeof code === 'string' && networkErrors.has(code);

/** Whether TLS was not to be had, or the other side's certificate was not trusted. */
export const isTlsError = (code: unknown, message: string): boolean =>
  (typeof code === 'string' && /CERT|TLS|SSL|UNABLE_TO_VERIFY/.test(code)) ||
  /support SSL|secure connection/i.test(message);

/** The error for a failure of a server. The driver's own goes with it without what it knows of statements and logins. */
export function serverError(failure: Failure, error: unknown, names: ServerNames): DashctlError {
  const { name, database, password } = names;
  const said = withoutPassword(reasonOf(error), password);
  const cause = Object.assign(new Error(said), { code: (error as { code?: unknown }).code });
  const of = (code: ConstructorParameters<typeof DashctlError>[0], message: string, hint: string) =>
    new DashctlError(code, message, { hint, cause });
  switch (failure) {
    case 'away':
      return of('STORE_UNREACHABLE', `${name} cannot be reached: ${said}`, 'is the database running? check --store');
    case 'conflict':
      return of('STORE_UNREACHABLE', `${name} is busy: ${said}`, 'does something else write to its tables?');
    case 'login':
      return of('STORE_REFUSED', `${name} refused the login`, 'check user name and password in --store');
    case 'noDatabase':
      return of('STORE_REFUSED', `${name}: there is no database ${database}`, 'make it: create database …');
    case 'rights':
      return of(
        'STORE_REFUSED',
        `${name}: this user lacks rights on ${database}`,
        'it has to make and write tables there',
      );
    case 'readOnly':
      return of('STORE_REFUSED', `${name} takes no writes: ${said}`, 'name the primary, or make it writable');
    case 'full':
      return of(
        'DISK_FULL',
        `${name} has no space left: ${said}`,
        'make room, or keep windows for less long with --retain',
      );
    case 'tls':
      return of('STORE_REFUSED', `TLS with ${name} failed: ${said}`, 'check sslmode and sslrootcert in --store');
    case 'invalid':
      return of('STORE_INVALID', `${name}: ${said}`, 'were its tables changed by something else?');
  }
}

/** One line of what a driver says. Where several addresses were tried, of the first. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return messageOf(first).split('\n')[0] ?? '';
}

// Drivers are not known to tell passwords; this does not rest on it.
const withoutPassword = (text: string, password: string) =>
  password === '' ? text : text.replaceAll(password, '…').replaceAll(encodeURIComponent(password), '…');
