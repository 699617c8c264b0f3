import { existsSync, globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './broker-port.ts';
import { type DatabaseServer, folderOf, identityOf, login, runProgram, startServer } from './database-server.ts';

// Debian keeps one folder for each version, outside of PATH.
const programs = globSync('/usr/lib/postgresql/*/bin').sort().at(-1) ?? '/usr/bin';

/** Whether PostgreSQL is here. Under CI it must be: tests that need it fail instead of being skipped. */
export const postgresIsAvailable = () => process.env.CI !== undefined || existsSync(join(programs, 'initdb'));

/** Starts a PostgreSQL on a free port, with further settings. It refuses to run as root. */
export async function startPostgres(settings: readonly string[] = ['fsync=off']): Promise<DatabaseServer> {
  const identity = identityOf('postgres', 'nobody');
  const directory = folderOf(identity);
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, login.password, { mode: 0o644 });
  const as = { ...identity, cwd: directory };
  const options = ['--auth=scram-sha-256', `--username=${login.user}`, `--pwfile=${passwordFile}`, '--encoding=UTF8'];
  await runProgram([join(programs, 'initdb'), '--no-sync', '--pgdata', data, '--locale=C', ...options], as);
  const [port = 0] = await freePorts(1);
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`, ...settings];
  const administer = (sql: string, database = login.database) =>
    runProgram([join(programs, 'psql'), '-h', '127.0.0.1', '-p', `${port}`, '-qAtX', '-U', login.user, database], {
      input: `\\set ON_ERROR_STOP on\n${sql};\n`,
      env: { ...process.env, PGPASSWORD: login.password },
    });
  const server = await startServer({
    scheme: 'postgres',
    port,
    directory,
    identity,
    command: [join(programs, 'postgres'), '-D', data, ...all.flatMap((setting) => ['-c', setting])],
    // Its processes outlive one that is killed, for a while.
    crash: 'SIGQUIT',
    ready: /database system is ready to accept connections/,
    administer,
  });
  await administer(`create database ${login.database}`, 'postgres');
  return server;
}
