import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { runKafkaTool } from '../_support/kafka.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';

const tools = 'org.apache.kafka.tools';

/** What Kafka's Java tools do about transactions, on any broker. */
export function transactionalTools(addressOf: () => string): void {
  const folder = folderOfSuite();
  const run = (tool: string, args: string, input?: string) =>
    runKafkaTool(`${tools}.${tool}`, ['--bootstrap-server', addressOf(), ...args.split(' ')], input);
  const connect = () => new Kafka({ brokers: [addressOf()], logLevel: logLevel.NOTHING });
  // Each tool takes a JVM's start; what is not about the tools goes without.
  const createTopics = async (...topics: string[]) => {
    const admin = connect().admin();
    await admin.connect();
    await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })), waitForLeaders: true });
    await admin.disconnect();
  };
  const consume = async (args: string) => {
    const printed = await run('consumer.ConsoleConsumer', `--from-beginning --timeout-ms 40000 ${args}`);
    return printed.trimEnd().split('\n');
  };

  test('the console consumer leaves out what is aborted, and waits until an open transaction is ended by force', async () => {
    const producer = connect().producer({
      transactionalId: 'left-open',
      transactionTimeout: 120_000,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await createTopics('mixed');
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    const write = async (value: string) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'mixed', messages: [{ value }] });
      return transaction;
    };
    await (await write('aborted')).abort();
    await (await write('committed')).commit();
    await write('open');
    await run('ConsoleProducer', '--topic mixed', 'behind\n');

    const everything = await consume('--topic mixed --max-messages 4 --isolation-level read_uncommitted');
    expect(everything).toEqual(['aborted', 'committed', 'open', 'behind']);
    const list = await run('TransactionsCommand', 'list');
    expect(list).toMatch(/^left-open\s+\S+\s+\d+\s+Ongoing\s*$/m);
    const described = await run('TransactionsCommand', 'describe --transactional-id left-open');
    expect(described).toMatch(/\sOngoing\s+120000\s.*\smixed-0\s*$/m);
    const committed = consume('--topic mixed --max-messages 2 --isolation-level read_committed');
    await run('TransactionsCommand', 'forceTerminateTransaction --transactionalId left-open');
    expect(await committed).toEqual(['committed', 'behind']);
  });

  test('the performance tools send and read records in transactions', async () => {
    await createTopics('perf-transactional');
    const sent = await runKafkaTool(`${tools}.ProducerPerformance`, [
      ...'--topic perf-transactional --num-records 20000 --record-size 100 --throughput -1'.split(' '),
      ...'--transactional-id perf --transaction-duration-ms 50 --producer-props'.split(' '),
      `bootstrap.servers=${addressOf()}`,
    ]);
    expect(sent).toContain('20000 records sent');
    const config = join(folder, 'committed.properties');
    writeFileSync(config, 'isolation.level=read_committed\n');
    const read = await run(
      'ConsumerPerformance',
      `--topic perf-transactional --messages 20000 --timeout 30000 --consumer.config ${config}`,
    );
    expect(read.trim().split('\n').at(-1)?.split(', ')[4]).toBe('20000');
    const [, , end] = (await run('GetOffsetShell', '--topic perf-transactional')).trim().split(':');
    // More than one transaction had a marker of its own.
    expect(Number(end)).toBeGreaterThan(20_001);
  });

  test('what the transactional copier commits, some attempts aborted, is there once, and its group stands at the end', async () => {
    await createTopics('original', 'copy');
    await runKafkaTool(`${tools}.ProducerPerformance`, [
      ...'--topic original --num-records 1000 --payload-monotonic --throughput -1 --producer-props'.split(' '),
      `bootstrap.servers=${addressOf()}`,
    ]);
    await runKafkaTool(`${tools}.TransactionalMessageCopier`, [
      ...['--broker-list', addressOf()],
      ...'--input-topic original --input-partition 0 --output-topic copy --transactional-id copier'.split(' '),
      ...'--consumer-group copiers --transaction-size 50 --enable-random-aborts --group-mode --use-group-metadata'.split(
        ' ',
      ),
    ]);
    const copies = await consume('--topic copy --max-messages 1000 --isolation-level read_committed');
    expect(copies).toEqual(Array.from({ length: 1000 }, (_, index) => String(index)));
    const described = await run('consumer.group.ConsumerGroupCommand', '--describe --group copiers');
    expect(described).toMatch(/copiers +original +0 +1000 +1000 +0 +- +- +-/);
  });
}
