import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './broker-port.ts';
import { type DatabaseServer, folderOf, identityOf, login, runProgram, startServer } from './database-server.ts';

const server = '/usr/sbin/mariadbd';

/** Whether MariaDB is here. Under CI it must be: tests that need it fail instead of being skipped. */
export const mariadbIsAvailable = () => process.env.CI !== undefined || existsSync(server);

// Nothing of the machine's own configuration; a socket of its own, which root's client comes in by.
const unconfigured = '--no-defaults';

/** Starts a MariaDB on a free port, with further settings. */
export async function startMariadb(settings: readonly string[] = []): Promise<DatabaseServer> {
  const identity = identityOf('mysql', 'nobody');
  const directory = folderOf(identity);
  const data = join(directory, 'data');
  const socket = join(directory, 'socket');
  const as = { ...identity, cwd: directory };
  const options = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
  await runProgram(['mariadb-install-db', unconfigured, `--datadir=${data}`, ...options], as);
  // At every start, so that it does no harm when it was done before.
  const beginning = join(directory, 'beginning.sql');
  const statements = [
    `create database if not exists ${login.database}`,
    `create user if not exists ${login.user}@'%' identified by '${login.password}'`,
    `grant all on ${login.database}.* to ${login.user}@'%'`,
  ];
  writeFileSync(beginning, statements.map((statement) => `${statement};\n`).join(''), { mode: 0o644 });
  const [port = 0] = await freePorts(1);
  return startServer({
    scheme: 'mysql',
    port,
    directory,
    identity,
    command: [
      server,
      unconfigured,
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${socket}`,
      `--init-file=${beginning}`,
      ...settings.map((setting) => `--${setting}`),
    ],
    crash: 'SIGKILL',
    ready: /ready for connections/,
    administer: (sql, database = login.database) =>
      runProgram(
        ['mariadb', unconfigured, '--batch', '--skip-column-names', `--socket=${socket}`, '-uroot', database],
        {
          input: `${sql};\n`,
        },
      ),
  });
}
