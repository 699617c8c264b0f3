import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { kafkaLibs } from './kafka.ts';

const sources = join(import.meta.dirname, '..', 'broker', 'java');
// What compiles or runs for a second gains nothing from the second compiler.
const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * Whether a Java compiler, Kafka's clients and Kafka Streams are here. Under CI they must be: tests that need them fail
 * instead of being skipped.
 */
export function javaClientsAreAvailable(): boolean {
  if (process.env.CI !== undefined) return true;
  return existsSync(kafkaLibs) && globSync('kafka-streams-*.jar', { cwd: kafkaLibs }).length > 0 && hasCompiler();
}

const hasCompiler = () => spawnSync('javac', ['-version']).status === 0;

/**
 * Compiles the test clients in `test/broker/java`, or the Java sources of another folder, into a folder. That takes 1.5 s; starting them from their sources
 * would cost nearly as much each time.
 */
export async function compileJavaClients(folder: string, from = sources): Promise<void> {
  // Of the hundred jars the compiler needs two.
  const classPath = globSync('kafka-{clients,streams}-*.jar', { cwd: kafkaLibs }).map((jar) => join(kafkaLibs, jar));
  const options = [...shortLived.map((option) => `-J${option}`), '-proc:none', '-Xlint:all', '-Werror'];
  const files = globSync('*.java', { cwd: from }).map((file) => join(from, file));
  const compiler = spawn('javac', [...options, '-d', folder, '-cp', classPath.join(':'), ...files], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [errors, [status]] = await Promise.all([text(compiler.stderr), once(compiler, 'close')]);
  if (status !== 0) throw new Error(`javac ended with ${status}: ${errors}`);
}

/** Starts a compiled test client; its output is piped. */
export function startJavaClient(folder: string, mainClass: string, args: readonly string[]) {
  return spawn('java', [...shortLived, '-cp', `${folder}:${kafkaLibs}/*`, mainClass, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a compiled test client to its end; gives what it told in lines of `name: value`. */
export async function runJavaClient(
  folder: string,
  mainClass: string,
  args: readonly string[],
): Promise<Record<string, string>> {
  const child = startJavaClient(folder, mainClass, args);
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (status !== 0) throw new Error(`${mainClass} ${args.join(' ')} ended with ${status}: ${errors}${output}`);
  const lines = output.split('\n').filter((line) => line.includes(': '));
  return Object.fromEntries(lines.map((line) => line.split(': ', 2)));
}
