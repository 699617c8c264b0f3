import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { topicOffsets } from '../../src/kafka/topics.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { countSource, Results, sorted } from '../_support/result-topic.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { type BrokerProcess, brokers } from './_brokers.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');
// Longer than a session, so that the role is lost, too. In seconds; DASHCTL_OUTAGE=60 is the long form.
const outage = Number(process.env.DASHCTL_OUTAGE ?? 12) * 1_000;

const occurrences = (text: string, pattern: RegExp) => [...text.matchAll(new RegExp(pattern, 'g'))].length;

describe.each(brokers)('an aggregator on $name', ({ available, startBroker }) => {
  describe.skipIf(!available)('when it is installed', () => {
    const folder = folderOfSuite();
    let cluster: BrokerProcess;
    beforeAll(async () => {
      cluster = await startBroker(folder);
    });
    afterAll(async () => void (await cluster.stop()));

    const begin = (...args: string[]) => {
      const running = dashctl([...args, '--brokers', cluster.address]);
      onTestFinished(async () => void (await running.stop('SIGKILL')));
      return running;
    };
    const produce = (...flags: string[]) => begin('produce', sample, '--pipeline', 'gender', ...flags);
    const readResults = () => new Results(begin('tail', 'result', '-o', 'start', '--json'));
    const remove = () => runDashctl(['topics', 'delete', 'sex', 'result', '--yes', '--brokers', cluster.address]);
    const recordsOf = async (topic: string) => {
      const connection = { brokers: [cluster.address], logger: pino({ level: 'silent' }), clientId: 'check' };
      return (await topicOffsets(connection, [topic])).reduce((sum, { high }) => sum + high, 0);
    };

    test('goes on by itself after its broker was killed twice, and ends soon when stopped without one', {
      timeout: 150_000 + outage * 2,
    }, async () => {
      const aggregate = begin('aggregate', '--pipeline', 'gender');
      await aggregate.waitFor(/counting gender/);
      const producer = produce('--rate', '2000', '--loop');
      await producer.waitFor(/replaying|sex/);
      const results = readResults();
      await results.more();
      const losses = () => occurrences(aggregate.stderr(), /lost the connection/);

      for (const away of [1_000, outage]) {
        const before = losses();
        await cluster.halt();
        await delay(away);
        await cluster.start();
        await results.more();
        expect(losses(), aggregate.stderr()).toBe(before + 1);
      }

      await producer.stop();
      const records = await recordsOf('sex');
      await results.reach(records);
      const revisions = results.all.map(({ key, headers }) => `${key} revision ${headers.revision}`);
      expect(new Set(revisions).size, 'a revision of a window came out twice').toBe(revisions.length);
      expect(results.late).toBe(0);
      expect(sorted(results.windows)).toEqual(sorted(await countSource(cluster.address, 'sex', records)));

      const before = losses();
      await cluster.halt();
      await aggregate.until(() => losses() > before);
      const stopped = Date.now();
      await aggregate.stop();
      expect(Date.now() - stopped).toBeLessThan(10_000);
      expect(aggregate.stderr()).toMatch(/\d+ records, \d+ windows|not committed/);
      await cluster.start();
    });

    test('goes on when its topics are deleted, and counts what the new ones hold', { timeout: 120_000 }, async () => {
      await remove();
      const aggregate = begin('aggregate', '--pipeline', 'gender', '--group', 'deletions');
      await aggregate.waitFor(/counting gender/);
      await produce('--rate', 'max', '--limit', '3000').ended;
      await readResults().reach(3_000);

      await remove();
      await aggregate.waitFor(/deleted/);
      await produce('--rate', 'max', '--limit', '2000').ended;
      expect(await recordsOf('sex')).toBe(2_000);
      await aggregate.waitFor(/in use; it is created again/);
      // Written once the topics are there for certain: shows that what is counted is the new ones.
      await produce('--rate', 'max', '--limit', '1000').ended;
      const counted = readResults();
      await counted.reach(3_000);
      expect(sorted(counted.windows)).toEqual(sorted(await countSource(cluster.address, 'sex', 3_000)));
      await aggregate.stop();
    });

    test('counts partitions that its topic gets, and waits for none of them', { timeout: 90_000 }, async () => {
      await remove();
      const aggregate = begin('aggregate', '--pipeline', 'gender', '--group', 'partitions');
      await aggregate.waitFor(/counting gender/);
      await produce('--rate', 'max', '--limit', '1000').ended;
      const results = readResults();
      await results.reach(1_000);

      const admin = kafkaAt(cluster.address).admin();
      await admin.connect();
      await admin.createPartitions({ topicPartitions: [{ topic: 'sex', count: 6 }] });
      await admin.disconnect();
      await send(cluster.address, 5, ['0', '1'], String(Date.now()));
      await results.reach(1_002);
      // Most partitions have no record, and still the clock brings this out.
      await send(cluster.address, 0, ['2'], String(Date.now()));
      await results.reach(1_003);
      expect(results.late).toBe(0);
      expect(sorted(results.windows)).toEqual(sorted(await countSource(cluster.address, 'sex', 1_003)));
      await aggregate.stop();
    });

    test('brings the last window out after markers and aborted records', { timeout: 60_000 }, async () => {
      await remove();
      const aggregate = begin('aggregate', '--pipeline', 'gender', '--group', 'markers');
      await aggregate.waitFor(/counting gender/);
      const results = readResults();
      await transact(cluster.address, ['0', '1', '2'], true);
      await transact(cluster.address, ['9', '9'], false);
      await results.reach(3);
      await aggregate.stop();
      expect(sorted(results.windows)).toEqual(sorted(await countSource(cluster.address, 'sex', 3)));
    });
  });
});

const kafkaAt = (address: string) => new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });

async function send(address: string, partition: number, values: string[], timestamp: string): Promise<void> {
  const producer = kafkaAt(address).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic: 'sex', messages: values.map((value) => ({ value, partition, timestamp })) });
  await producer.disconnect();
}

/** Leaves a marker of a transaction as the last record. */
async function transact(address: string, values: string[], commits: boolean): Promise<void> {
  const producer = kafkaAt(address).producer({
    ...{ transactionalId: 'markers', maxInFlightRequests: 1, idempotent: true },
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: 'sex', messages: values.map((value) => ({ value, partition: 0 })) });
  await (commits ? transaction.commit() : transaction.abort());
  await producer.disconnect();
}
