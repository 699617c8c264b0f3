import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { group, type Identity, type TransactionalClient, transactionalClient } from './_transactional-client.ts';

const main = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');

async function startProcess(dataDir: string) {
  const args = [main, 'broker', '--port', '0', '--data-dir', dataDir, '--log-format', 'json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const port = await new Promise<number>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const ready = /ready on [^ ]*:(\d+)/.exec(text);
      if (ready) resolve(Number(ready[1]));
    });
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { port, kill };
}

/** What became of the transactions, by the value that each wrote to both partitions. */
interface Outcomes {
  readonly committed: Map<string, number>;
  readonly aborted: Set<string>;
  /** Asked to be committed, without an answer. */
  readonly unknown: Map<string, number>;
}

/** Runs transactions, each third of them aborted, until the broker is gone. */
async function runUntilKilled(client: TransactionalClient, outcomes: Outcomes, onEnded: () => void): Promise<void> {
  const identity: Identity = await client.init('killed');
  for (let sequence = 0; ; sequence++) {
    const number = outcomes.committed.size + outcomes.aborted.size + outcomes.unknown.size + 1;
    const value = `value-${number}-`;
    outcomes.aborted.add(value);
    await client.add(identity);
    await Promise.all([0, 1].map((partition) => client.send(identity, partition, sequence, [value])));
    await client.commitOffset(identity, number);
    if (number % 3 === 0) {
      await client.end(identity, false);
    } else {
      outcomes.aborted.delete(value);
      outcomes.unknown.set(value, number);
      const errorCode = await client.end(identity, true);
      expect(errorCode).toBe(0);
      outcomes.unknown.delete(value);
      outcomes.committed.set(value, number);
    }
    onEnded();
  }
}

/** All that a reader of committed records gets, by partition, up to a last record that is written for this. */
async function readCommitted(port: number, client: TransactionalClient): Promise<string[][]> {
  const last = await client.init('last');
  await client.add(last);
  for (const partition of [0, 1]) await client.send(last, partition, 0, ['last']);
  await client.end(last, true);
  const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: 'verifier', maxWaitTimeInMs: 100 });
  const read: string[][] = [[], []];
  const complete = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic: 't', fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      read[partition]?.push(String(message.value));
      if (read.every((values) => values.at(-1) === 'last')) complete.resolve();
    },
  });
  await complete.promise;
  await consumer.disconnect();
  return read.map((values) => values.slice(0, -1));
}

test('whenever the process is killed, every transaction is there whole or not at all', async () => {
  const dataDir = temporaryFolder();
  const outcomes: Outcomes = { committed: new Map(), aborted: new Set(), unknown: new Map() };
  const rounds = 6;
  for (let round = 0; round < rounds; round++) {
    const { port, kill } = await startProcess(dataDir);
    const client = await transactionalClient(port);
    let ended = 0;
    const enough = Promise.withResolvers<void>();
    const running = runUntilKilled(client, outcomes, () => ++ended === 20 && enough.resolve());
    running.catch((error: Error) => enough.reject(error));
    await enough.promise;
    // Somewhere within a transaction: each round a few turns of the event loop later.
    for (let turn = 0; turn < round * 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    await kill();
    await expect(running).rejects.toThrow('closed the connection');
  }
  const { port, kill } = await startProcess(dataDir);
  const client = await transactionalClient(port);
  // What the last round left open.
  await client.init('killed');
  const [first = [], second] = await readCommitted(port, client);
  const { offset } = await client.committedOffset(true);
  client.client.close();
  await kill();
  expect(first).toEqual(second);
  expect(new Set(first).size).toBe(first.length);
  expect(outcomes.committed.size).toBeGreaterThanOrEqual((rounds * 20 * 2) / 3 - rounds);
  const found = new Set(first);
  expect([...outcomes.committed.keys()].filter((value) => !found.has(value))).toEqual([]);
  expect(first.filter((value) => outcomes.aborted.has(value))).toEqual([]);
  // Those without an answer may have been committed; the group's offset is that of the last one which was.
  const all = new Map([...outcomes.committed, ...outcomes.unknown]);
  expect(first.filter((value) => !all.has(value))).toEqual([]);
  expect({ group, offset }).toEqual({ group, offset: Math.max(...first.map((value) => all.get(value) ?? -1)) });
}, 60_000);
