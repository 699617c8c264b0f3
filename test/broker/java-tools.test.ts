import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBroker } from '../_support/broker.ts';
import { kafkaIsAvailable, runKafkaTool, startKafka } from '../_support/kafka.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { transactionalTools } from './_transactional-tools.ts';

// The tools of Apache Kafka 4.1 as people type them, on our broker and, so that the expectations are Kafka's, on its own.
describe.skipIf(!kafkaIsAvailable()).each([
  ['the embedded broker', startTestBroker],
  ['Apache Kafka', startKafka],
])("Kafka's Java tools on %s", (_name, start) => {
  const folder = folderOfSuite();
  let broker: { address: string; stop(): Promise<void> };
  beforeAll(async () => {
    broker = await start();
  });
  afterAll(() => broker?.stop());

  const run = (mainClass: string, args: string, input?: string) =>
    runKafkaTool(mainClass, ['--bootstrap-server', broker.address, ...args.split(' ')], input);
  const topics = (args: string) => run('org.apache.kafka.tools.TopicCommand', args);
  const groups = (args: string) => run('org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', args);
  const configs = (args: string) => run('kafka.admin.ConfigCommand', args);
  const offsets = (args: string) => run('org.apache.kafka.tools.GetOffsetShell', args);
  /** The rows of a table, its cells parted by single spaces. */
  const rowsOf = (output: string) =>
    output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => line.trim().split(/\s+/).join(' '));

  test('a topic is created, given more partitions, and described', async () => {
    expect(await topics('--create --topic orders --partitions 1 --config retention.ms=60000')).toContain(
      'Created topic orders.',
    );
    await topics('--alter --topic orders --partitions 2');
    const [head, ...partitions] = rowsOf(await topics('--describe --topic orders'));
    expect(head).toMatch(
      /^Topic: orders TopicId: [\w-]{22} PartitionCount: 2 ReplicationFactor: 1 Configs: .*retention.ms=60000/,
    );
    expect(partitions.map((row) => row.replace(/ Elr.*/, ''))).toEqual([
      'Topic: orders Partition: 0 Leader: 1 Replicas: 1 Isr: 1',
      'Topic: orders Partition: 1 Leader: 1 Replicas: 1 Isr: 1',
    ]);
    expect(rowsOf(await topics('--list'))).toContain('orders');
  });

  test('a topic that exists already is refused by name', async () => {
    await expect(topics('--create --topic orders')).rejects.toThrow("Topic 'orders' already exists.");
  });

  test('what the console producer sends the console consumer prints', async () => {
    await topics('--create --topic lines --partitions 1');
    await run(
      'org.apache.kafka.tools.ConsoleProducer',
      '--topic lines --compression-codec lz4 --property parse.key=true --property key.separator=:',
      'k1:a\nk2:b\nk3:\u7684\n',
    );
    const printed = await run(
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      '--topic lines --group readers --from-beginning --max-messages 3 --timeout-ms 30000 --property print.key=true --property print.offset=true --property print.partition=true',
    );
    expect(rowsOf(printed)).toEqual([
      'Partition:0 Offset:0 k1 a',
      'Partition:0 Offset:1 k2 b',
      'Partition:0 Offset:2 k3 \u7684',
    ]);
  });

  test('a group is listed, described, reset and deleted', async () => {
    expect(rowsOf(await groups('--list'))).toContain('readers');
    expect(await groups('--describe --group readers')).toMatch(/readers +lines +0 +3 +3 +0 +- +- +-/);
    const reset = await groups('--group readers --topic lines --reset-offsets --shift-by -2 --execute');
    expect(rowsOf(reset)).toContain('readers lines 0 1');
    expect(await groups('--describe --group readers --state')).toMatch(/readers +127.0.0.1:\d+ +\(1\).* Empty +0/);
    expect(await groups('--describe --group readers')).toMatch(/readers +lines +0 +1 +3 +2 /);
    expect(await groups('--delete --group readers')).toContain("('readers') was successful");
    expect(rowsOf(await groups('--list'))).not.toContain('readers');
  });

  test('the configuration of a topic is altered and shown with where it comes from', async () => {
    await configs(
      '--alter --entity-type topics --entity-name lines --add-config segment.bytes=2000000,cleanup.policy=[compact,delete]',
    );
    await configs('--alter --entity-type topics --entity-name lines --delete-config segment.bytes');
    const shown = rowsOf(await configs('--describe --entity-type topics --entity-name lines'));
    expect(shown).toHaveLength(2);
    expect(shown[1]).toMatch(
      /^cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, /,
    );
    await expect(
      configs('--alter --entity-type topics --entity-name lines --add-config retention.ms=soon'),
    ).rejects.toThrow('InvalidConfigurationException');
    expect(await configs('--describe --entity-type brokers --entity-name 1 --all')).toContain('num.partitions=1');
  });

  test('records are deleted, and first and last offsets are told', async () => {
    const file = join(folder, 'before.json');
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: 'lines', partition: 0, offset: 2 }] }));
    expect(await run('org.apache.kafka.tools.DeleteRecordsCommand', `--offset-json-file ${file}`)).toContain(
      'low_watermark: 2',
    );
    expect(rowsOf(await offsets('--topic lines --time earliest'))).toEqual(['lines:0:2']);
    expect(rowsOf(await offsets('--topic-partitions lines:0,orders:0-1'))).toEqual(['lines:0:3', 'orders:0:0']);
    await topics('--delete --topic lines');
    expect(rowsOf(await topics('--list --exclude-internal'))).toEqual(['orders']);
  });

  test('the performance tools send and read all records', async () => {
    await topics('--create --topic perf --partitions 3');
    const sent = await runKafkaTool('org.apache.kafka.tools.ProducerPerformance', [
      ...'--topic perf --num-records 20000 --record-size 100 --throughput -1 --producer-props acks=all'.split(' '),
      `bootstrap.servers=${broker.address}`,
    ]);
    expect(sent).toContain('20000 records sent');
    const read = await run(
      'org.apache.kafka.tools.ConsumerPerformance',
      '--topic perf --messages 20000 --timeout 30000',
    );
    expect(rowsOf(read).at(-1)?.split(', ')[4]).toBe('20000');
  });

  transactionalTools(() => broker.address);
});
