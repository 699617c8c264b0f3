import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const interpreter =
  process.env.DASHCTL_TEST_PYTHON ?? join(import.meta.dirname, '..', '..', '.ci', 'cache', 'python', 'bin', 'python');

/** Whether a Python with kafka-python is here. Under CI it must be: tests that need it fail instead of being skipped. */
export const pythonIsAvailable = (): boolean => process.env.CI !== undefined || existsSync(interpreter);

/** Runs a Python program to its end; resolves with what it printed. */
export async function runPython(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(interpreter, ['-W', 'ignore', '-', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.end(program);
  const status = await closed;
  const [stdout, stderr] = await output;
  if (status !== 0) throw new Error(`python ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}
