import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, untilAnswers } from '../_support/broker-port.ts';

const root = join(import.meta.dirname, '..', '..');

/** How a program is started. */
export type CommandLine = readonly [file: string, ...args: string[]];

/** The program as npm installs it, and as the single executable where that has been built. */
export const dashctl: CommandLine = [process.execPath, join(root, 'bin', 'dashctl.js')];
export const dashctlBinary = join(root, 'dist', 'bin', 'dashctl');
export const python = join(root, '.ci', 'cache', 'python', 'bin', 'python');
export const flaskPython = join(root, '.ci', 'cache', 'flask', 'bin', 'python');
export const peerScript = (name: string) => join(import.meta.dirname, 'peers', name);

/** Why a peer cannot be measured; undefined when it can. */
export const absence = (name: string, file: string) =>
  existsSync(file) ? undefined : `${name} is absent (.ci/install brings it)`;

/**
 * Runs a program to its end. Wall time in seconds, from start to exit, and the most memory it held, in MB, with the
 * processes that it starts.
 */
export async function runToEnd([file, ...args]: CommandLine): Promise<{ seconds: number; peakMegabytes: number }> {
  const start = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: cleanEnvironment() });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, treeMegabytesOf(child.pid));
  }, 50);
  const [code, signal] = await once(child, 'exit').finally(() => clearInterval(sampling));
  const seconds = (performance.now() - start) / 1_000;
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code ?? signal}\n${errors}`);
  return { seconds, peakMegabytes: peak };
}

/** Runs a program to its end; resolves with what it printed. */
export async function outputOf([file, ...args]: CommandLine): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { env: cleanEnvironment() });
  return stdout;
}

/** A server that was started, and how long it took until it answered. */
export interface Server {
  address: string;
  pid: number | undefined;
  seconds: number;
  stop(): Promise<void>;
}

/** Starts a broker and waits until it answers a Kafka client's first request. */
export async function startServer([file, ...args]: CommandLine, port: number): Promise<Server> {
  const start = performance.now();
  const child = spawn(file, args, { stdio: 'ignore', env: cleanEnvironment() });
  await untilAnswers(port, child, 2);
  return {
    address: `127.0.0.1:${port}`,
    pid: child.pid,
    seconds: (performance.now() - start) / 1_000,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Starts a program in a process group of its own, which the processes that it starts belong to. */
export function startGroup([file, ...args]: CommandLine) {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: cleanEnvironment(), detached: true });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  // All of them hold its standard error: when that is closed, they are gone.
  const closed = once(child, 'close');
  const ended = closed.then(([code, signal]): never => {
    throw new Error(`${file} ${args.join(' ')} ended with ${code ?? signal}\n${errors}`);
  });
  ended.catch(() => {});
  return {
    pid: child.pid,
    /** Rejects when it ends. */
    ended,
    /** Asks all of it to stop; resolves when it has. */
    async stop() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, 'SIGTERM');
      }
      await closed;
    },
  };
}

/** An embedded broker in a process of its own, in a folder that goes with it. */
export async function startBroker(): Promise<Server> {
  const { folder, remove } = workFolder();
  const [port = 0] = await freePorts(1);
  const server = await startServer([...dashctl, ...brokerArguments(folder, port)], port);
  return {
    ...server,
    async stop() {
      await server.stop();
      remove();
    },
  };
}

export const brokerArguments = (folder: string, port: number) => [
  'broker',
  '--data-dir',
  join(folder, 'data'),
  '--port',
  String(port),
];

/** Memory of a process in MB, as Linux tells it: `VmRSS` is what it holds, `VmHWM` the most it held. */
export function megabytesOf(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number | undefined {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match ? (Number(match[1]) * 1_024) / 1e6 : undefined;
  } catch {
    return undefined;
  }
}

/** The most memory that a process and those that it has started, as far as they live, each have held: their sum, in MB. */
function treeMegabytesOf(pid: number | undefined): number {
  const own = megabytesOf(pid, 'VmHWM') ?? 0;
  return childrenOf(pid).reduce((sum, child) => sum + treeMegabytesOf(child), own);
}

function childrenOf(pid: number | undefined): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

export function workFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'dashctl-bench-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const cleanEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(DASHCTL_|npm_|NODE_)/.test(name)));
