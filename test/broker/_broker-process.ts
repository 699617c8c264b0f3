import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** The broker that users run, in a process of its own. */
export interface BrokerProcess {
  readonly port: number;
  readonly pid: number;
  /** Lines of the log that tell of a failure of the broker's own, not of a client's. */
  readonly failures: readonly string[];
  /** False once it has ended, for whatever reason. */
  isAlive(): boolean;
  /** Ends it as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts `dashctl broker` on a free port; its data are in the folder's `broker`. */
export async function startBrokerProcess(dataDir: string, args: readonly string[] = []): Promise<BrokerProcess> {
  const child = spawn(
    process.execPath,
    [main, 'broker', '--port', '0', '--data-dir', dataDir, '--log-format', 'json', ...args],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  const failures: string[] = [];
  let rest = '';
  const port = await new Promise<number>((resolve, reject) => {
    exited.then(() => reject(new Error(`the broker did not start: ${failures.join('\n')}${rest}`)), reject);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const ready = /ready on [^ ]*:(\d+)/.exec(line);
        if (ready) resolve(Number(ready[1]));
        // pino's levels: 50 is an error. What is not of the log is a crash.
        else if (!/^\{"level":[1-4]0,/.test(line)) failures.push(line);
      }
    });
  });
  return {
    port,
    pid: child.pid ?? 0,
    failures,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
