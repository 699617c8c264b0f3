import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const entry = join(import.meta.dirname, '..', '..', 'bin', 'dashctl.js');

export interface RunOptions {
  cwd?: string;
  /** Added to an environment without any of our own variables. */
  env?: Record<string, string>;
  /** Written to stdin, which is then closed. */
  input?: string | Buffer;
  /** Runs this file instead of the build, and in an environment that holds nothing but `env`. */
  executable?: string | undefined;
}

/** A dashctl process of a test. */
export interface Dashctl {
  readonly process: ChildProcess;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the match as soon as stdout or stderr holds it; rejects when the process ends without. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves as soon as the condition holds, looked at after each output; rejects when the process ends before. */
  until(condition: () => boolean): Promise<void>;
  /** Resolves when the process has ended; `code` is null when a signal ended it. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Asks it to stop (SIGINT unless said otherwise) and waits until it has. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts the built program the way a user does. */
export function dashctl(args: readonly string[], { cwd, env = {}, input, executable }: RunOptions = {}): Dashctl {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('DASHCTL_') && name !== 'NO_COLOR');
  const [file, first] = executable ? [executable, []] : [process.execPath, [entry]];
  const child = spawn(file, [...first, ...args], {
    ...(cwd ? { cwd } : {}),
    env: executable ? env : { ...Object.fromEntries(inherited), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const checks = new Set<() => void>();
  const check = () => {
    for (const waiting of checks) waiting();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    check();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    check();
  });
  // A process that ends before it has read its input is not what these tests are about.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  const until = <T>(look: () => T | undefined | null | false, wanted: string) =>
    new Promise<T>((resolve, reject) => {
      const again = () => {
        const found = look();
        if (!found) return false;
        checks.delete(again);
        resolve(found);
        return true;
      };
      if (again()) return;
      checks.add(again);
      ended.then(({ code }) => {
        if (!again()) reject(new Error(`ended with ${code} before ${wanted}\n${stdout}\n${stderr}`));
      }, reject);
    });
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    waitFor: (pattern) => until(() => pattern.exec(stdout) ?? pattern.exec(stderr), String(pattern)),
    until: async (condition) => void (await until(condition, 'the condition held')),
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs the program to its end. */
export async function runDashctl(args: readonly string[], options?: RunOptions) {
  const run = dashctl(args, options);
  const { code } = await run.ended;
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}
