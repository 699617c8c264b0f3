import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const home = process.env.DASHCTL_TEST_SPARK ?? join(import.meta.dirname, '..', '..', '.ci', 'cache', 'spark');
/** The Python that has pyspark, and the folder of the jars of Spark's Kafka connector. */
export const sparkPython = join(home, 'python', 'bin', 'python');
export const sparkJars = join(home, 'jars');

/** Whether Spark and its Kafka connector are here. Under CI they must be: tests that need them fail instead of being skipped. */
export function sparkIsAvailable(): boolean {
  return process.env.CI !== undefined || (existsSync(sparkPython) && existsSync(sparkJars));
}

/** What a job is given and what it says: anything that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A running job; `spark-session.py` tells what its file has to look like. */
export interface SparkJob {
  /** What the job says next; rejects when it ends or fails without saying more. */
  next(): Promise<Json>;
  tell(value: Json): void;
  /** What the job returns; rejects with the message of what it raised. */
  result: Promise<Json>;
}

/** A Spark of a test's own. Starting it takes seconds: tests of a file share one, and its jobs may run side by side. */
export interface Spark {
  run(file: string, args: { readonly [name: string]: Json }): SparkJob;
  /** The last that Spark itself has printed, a console sink's tables among it. */
  output(): string;
  /** Kills it, so that no job can end in order, and removes its temporary files. Resolves when all of it is gone. */
  kill(): Promise<void>;
}

export interface SparkOptions {
  /** Tasks that run at the same time. */
  cores?: number;
  /** The JVM's heap, as `-Xmx` takes it. */
  memory?: string;
  javaOptions?: readonly string[];
  /** Further settings of the session. */
  conf?: Readonly<Record<string, string>>;
}

/** Characters of what Spark prints that are kept. */
const mostOutput = 100_000;

// What lives for a minute gains little from the second compiler; a benchmark leaves it on.
const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Starts a local Spark without a web page or a network, and waits until it takes jobs. */
export async function startSpark(options: SparkOptions = {}): Promise<Spark> {
  const folder = await mkdtemp(join(tmpdir(), 'dashctl-spark-'));
  const child = spawn(sparkPython, ['-W', 'ignore', join(import.meta.dirname, 'spark-session.py')], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: environment(folder, options),
    cwd: folder,
    // A process group of its own, which the JVM that Python starts belongs to: one signal ends both.
    detached: true,
  });
  let output = '';
  const keep = (text: string) => {
    output = (output + text).slice(-mostOutput);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  // A job may be told something while Spark is being killed.
  child.stdin.on('error', () => {});
  // The JVM holds standard output too: when that is closed, both processes are gone.
  const closed = new Promise<void>((resolve) => child.on('error', (error) => keep(error.message)).on('close', resolve));

  const mailboxes = new Map<number, Mailbox>();
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    const event: Event = JSON.parse(line);
    if (event.kind === 'ready') ready.resolve();
    else mailboxes.get(event.job)?.put(event);
  });
  closed.then(() => {
    ready.reject(new Error(`Spark did not start:\n${output}`));
    for (const box of mailboxes.values()) box.put({ kind: 'failed', value: `Spark has ended:\n${output}` });
  });
  const kill = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
  await ready.promise.catch(async (error) => {
    await kill();
    throw error;
  });

  const send = (message: Json) => child.stdin.write(`${JSON.stringify(message)}\n`);
  return {
    run(file, args) {
      const job = mailboxes.size + 1;
      const box = mailbox();
      mailboxes.set(job, box);
      send({ job, file, args });
      return { next: box.next, result: box.result, tell: (value) => send({ job, value }) };
    },
    output: () => output,
    kill,
  };
}

interface Event {
  job: number;
  kind: 'ready' | 'said' | 'done' | 'failed';
  value: Json;
}

type Mailbox = ReturnType<typeof mailbox>;

/** Keeps what a job says until the test asks for it. */
function mailbox() {
  const said: Json[] = [];
  const result = Promise.withResolvers<Json>();
  let wake = () => {};
  // A test that never asks how its job ended is not told by an unhandled rejection.
  result.promise.catch(() => {});
  return {
    result: result.promise,
    put({ kind, value }: Pick<Event, 'kind' | 'value'>): void {
      if (kind === 'said') said.push(value);
      else if (kind === 'done') result.resolve(value);
      else result.reject(new Error(String(value)));
      wake();
    },
    async next(): Promise<Json> {
      const ended = result.promise.then((value) => {
        throw new Error(`the job ended with ${JSON.stringify(value)} and says nothing more`);
      });
      ended.catch(() => {});
      for (;;) {
        const [first] = said;
        if (first !== undefined) {
          said.shift();
          return first;
        }
        const more = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([more, ended]);
      }
    },
  };
}

function environment(
  folder: string,
  { cores = 2, memory = '768m', javaOptions = shortLived, conf = {} }: SparkOptions,
): NodeJS.ProcessEnv {
  const settings = {
    'spark.ui.enabled': 'false',
    'spark.ui.showConsoleProgress': 'false',
    'spark.log.level': 'ERROR',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.local.dir': folder,
    'spark.sql.warehouse.dir': join(folder, 'warehouse'),
    'spark.sql.catalogImplementation': 'in-memory',
    'spark.sql.session.timeZone': 'UTC',
    // The default of 200 is for clusters: each would be a task with its own files in every batch.
    'spark.sql.shuffle.partitions': String(cores),
    ...conf,
  };
  const submit = [
    ['--master', `local[${cores}]`],
    ['--driver-memory', memory],
    ['--driver-class-path', join(sparkJars, '*')],
    ['--driver-java-options', [...javaOptions, `-Djava.io.tmpdir=${folder}`].join(' ')],
    ...Object.entries(settings).map(([name, value]) => ['--conf', `${name}=${value}`]),
  ];
  const { SPARK_HOME: _, ...inherited } = process.env;
  return {
    ...inherited,
    TMPDIR: folder,
    // None of the settings that a Spark installed on this machine may have.
    SPARK_CONF_DIR: folder,
    SPARK_LOCAL_IP: '127.0.0.1',
    PYSPARK_PYTHON: sparkPython,
    PYSPARK_SUBMIT_ARGS: `${submit.map(([flag, value]) => `${flag} '${value}'`).join(' ')} pyspark-shell`,
  };
}
