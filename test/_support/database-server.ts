import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A database server of a test's own. */
export interface DatabaseServer {
  /** The address of its database as `--store` takes it. */
  location: string;
  /** The same of another user, password or database. */
  locationOf(parts: { user?: string; password?: string; database?: string }): string;
  /** Runs SQL as the one who may do everything; resolves with its rows, one a line. */
  administer(sql: string, database?: string): Promise<string>;
  /** Lets it hang, as a machine does that is cut off: connections stay and nothing is answered. Until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Ends the process as a crash would; the data stay, so that `start` brings the same server back. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

export const login = { user: 'dashctl', password: 'p@ss:w/rd%', database: 'dashctl' };

/** How a database server is brought up, whichever it is. */
interface ServerKind {
  scheme: string;
  port: number;
  directory: string;
  identity: SpawnOptions;
  command: readonly [file: string, ...args: string[]];
  /** Ends it without a word, with all processes that it has started. */
  crash: NodeJS.Signals;
  /** What it says on its standard error when it takes connections. */
  ready: RegExp;
  administer(sql: string, database?: string): Promise<string>;
}

export async function startServer(kind: ServerKind): Promise<DatabaseServer> {
  let server: ChildProcess | undefined;
  const start = async () => {
    const [file, ...args] = kind.command;
    server = spawn(file, args, { ...kind.identity, cwd: kind.directory, stdio: ['ignore', 'ignore', 'pipe'] });
    await untilSaid(server, kind.ready);
  };
  const halt = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(kind.crash);
    await exited;
  };
  const running = () => {
    if (server?.pid === undefined) throw new Error('the server does not run');
    return { pid: server.pid };
  };
  const locationOf = (parts: Partial<typeof login>) => {
    const { user, password, database } = { ...login, ...parts };
    return `${kind.scheme}://${user}:${encodeURIComponent(password)}@127.0.0.1:${kind.port}/${database}`;
  };
  await start();
  return {
    location: locationOf({}),
    locationOf,
    administer: kind.administer,
    freeze() {
      const { pid } = running();
      process.kill(pid, 'SIGSTOP');
      for (const child of childrenOf(pid)) process.kill(child, 'SIGSTOP');
    },
    thaw() {
      // The one that started them last: until then none of them can be gone.
      const { pid } = running();
      for (const child of [...childrenOf(pid), pid]) process.kill(child, 'SIGCONT');
    },
    halt,
    start,
    async stop() {
      await halt();
      rmSync(kind.directory, { recursive: true, force: true });
    },
  };
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

async function untilSaid(server: ChildProcess, what: RegExp): Promise<void> {
  let said = '';
  const heard = Promise.withResolvers<void>();
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-20_000);
    if (what.test(said)) heard.resolve();
  });
  server.once('exit', (code) => heard.reject(new Error(`${server.spawnfile} ended with ${code}\n${said}`)));
  server.once('error', heard.reject);
  await heard.promise;
}

/** Runs a program to its end; resolves with what it printed. */
export async function runProgram(
  [file, ...args]: readonly [file: string, ...args: string[]],
  { input = '', ...options }: SpawnOptions & { input?: string } = {},
): Promise<string> {
  const child = spawn(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin?.end(input);
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${errors}${output}`);
  return output;
}

/** Who a server runs as: root's servers run as somebody else, of the names given the first that there is. */
export function identityOf(...names: readonly string[]): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of names) {
    const [, , uid, gid] = users.find(([user]) => user === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`there is no user ${names.join(' or ')}`);
}

/** A folder that belongs to whom a server runs as. */
export function folderOf({ uid, gid }: { uid?: number; gid?: number }): string {
  const folder = mkdtempSync(join(tmpdir(), 'dashctl-database-'));
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}
