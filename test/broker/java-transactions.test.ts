import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchHeader, isControl } from '../../src/broker/log/record-batch.ts';
import { startTestBroker } from '../_support/broker.ts';
import { compileJavaClients, javaClientsAreAvailable, runJavaClient } from '../_support/java.ts';
import { startKafka } from '../_support/kafka.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { storedBatches } from './_stored-batches.ts';

// Programs with Apache Kafka's own client 4.1, on our broker and, so that the expectations are Kafka's, on its own. That
// one is kept to the transactions of KIP-98, which are what ours offers: KIP-890's have other epochs and some other errors.
describe.skipIf(!javaClientsAreAvailable()).each([
  ['the embedded broker', () => startTestBroker()],
  ['Apache Kafka', () => startKafka([], ['transaction.version=1'])],
])('transactional Java programs on %s', (_name, start) => {
  const folder = folderOfSuite();
  let broker: { address: string; stop(): Promise<void> };
  beforeAll(async () => {
    [broker] = await Promise.all([start(), compileJavaClients(folder)]);
  });
  afterAll(() => broker?.stop());

  const run = (scenario: string) => runJavaClient(folder, 'TransactionScenarios', [broker.address, scenario]);

  test('what a transaction committed is read, what it aborted is not', async () => {
    expect(await run('visibility')).toEqual({
      committed: '[committed 0, committed 1]',
      all: '[aborted 0, aborted 1, committed 0, committed 1]',
    });
  });

  test('behind an open transaction a reader of committed records finds nothing, by fetch, end or time', async () => {
    expect(await run('held-back')).toEqual({
      'end for everything': '2',
      'end for committed': '0',
      'found by time': 'null',
      'while open': '[]',
      'once committed': '[open, behind]',
    });
  });

  test('consume-transform-produce has each result once though rounds are aborted, and no offsets of past members', async () => {
    expect(await run('transform')).toEqual({
      offsets: '{0=30, 1=30}',
      results: '60',
      'different results': '60',
      'with aborted ones': 'true',
      'past member': 'CommitFailedException',
      'offsets afterwards': '{0=30, 1=30}',
    });
  });

  test('a second producer of an id shuts out the first, and an administrator the second', async () => {
    expect(await run('fencing')).toEqual({
      first: 'ProducerFencedException',
      second: 'ProducerFencedException',
      committed: '[second]',
    });
  });

  test('a transaction left alone is aborted in time, and its producer shut out', async () => {
    expect(await run('timeout')).toEqual({ committed: '[behind]', slow: 'ProducerFencedException' });
  });

  test('a producer goes on under its next epoch when the broker refused a record', async () => {
    expect(await run('epoch-bump')).toEqual({
      'too large': 'RecordTooLargeException',
      offsets: 'RecordTooLargeException',
      commit: 'RecordTooLargeException',
      committed: '[last, next]',
    });
    const batches = await storedBatches(Number(broker.address.split(':')[1]), 'epoch-bump');
    const shown = batches.map(
      (batch) => `${isControl(batch) ? 'marker' : 'records'} ${batchHeader.producerEpoch(batch)}`,
    );
    expect(shown).toEqual(['records 0', 'marker 0', 'records 1', 'marker 1', 'records 1', 'marker 1']);
  });
});
