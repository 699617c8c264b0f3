import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBroker } from '../_support/broker.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';
import { pythonIsAvailable, runPython } from '../_support/python.ts';

const brokers = [
  { name: 'the embedded broker', start: startTestBroker, isHere: true },
  { name: 'Apache Kafka', start: startKafka, isHere: kafkaIsAvailable() },
];

// librdkafka 2.16 in Python: its idempotent producer, its consumer and its admin client.
describe.each(brokers)('confluent-kafka on $name', ({ start, isHere }) => {
  describe.skipIf(!pythonIsAvailable() || !isHere)('when it is installed', () => {
    let broker: { address: string; stop(): Promise<void> };
    beforeAll(async () => {
      broker = await start();
    });
    afterAll(() => broker?.stop());

    const run = async (script: string): Promise<unknown> =>
      JSON.parse(await runPython(`${prelude}${script}`, [broker.address]));

    test('records of every codec come back in order with keys, headers and times', async () => {
      const script = `
create('codecs', 1)
sent = []
for codec in ['none', 'gzip', 'snappy', 'lz4', 'zstd']:
    producer = Producer({'bootstrap.servers': server, 'enable.idempotence': True, 'compression.type': codec, 'linger.ms': 20})
    for index in range(50):
        producer.produce('codecs', key=codec, value='%s %d' % (codec, index), headers={'codec': codec}, timestamp=1700000000000 + len(sent), on_delivery=lambda error, message: sent.append(str(error)))
        if index == 49: producer.flush()
got = read('codecs', 250, 'codec-readers')
print(json.dumps({
  'errors': [error for error in sent if error != 'None'],
  'values': [message.value().decode() for message in got] == ['%s %d' % (codec, index) for codec in ['none', 'gzip', 'snappy', 'lz4', 'zstd'] for index in range(50)],
  'offsets': [message.offset() for message in got] == list(range(250)),
  'headers': all(message.headers() == [('codec', message.key())] for message in got),
  'times': sorted(set(message.timestamp()[0] for message in got)),
}))
`;
      expect(await run(script)).toEqual({ errors: [], values: true, offsets: true, headers: true, times: [1] });
    });

    test('a group goes on where it has committed, and two members share the partitions', async () => {
      const script = `
create('shared', 4)
producer = Producer({'bootstrap.servers': server})
for index in range(400): producer.produce('shared', str(index), partition=index % 4)
producer.flush()
first = read('shared', 250, 'sharers')
config = {'bootstrap.servers': server, 'group.id': 'sharers', 'auto.offset.reset': 'earliest', 'enable.auto.commit': False, 'partition.assignment.strategy': 'cooperative-sticky'}
members = [Consumer({**config, 'client.id': str(index)}) for index in range(2)]
for member in members: member.subscribe(['shared'])
# A member that gives a partition up has committed nothing, so the other reads its records again: they are told apart by value.
second = set()
deadline = time.time() + 40
while time.time() < deadline and (len(second) < 150 or [len(member.assignment()) for member in members] != [2, 2]):
    for member in members:
        message = member.poll(0.1)
        if message is not None and message.error() is None: second.add(int(message.value()))
shares = [len(member.assignment()) for member in members]
for member in members: member.close()
values = {int(message.value()) for message in first}
print(json.dumps({'shares': shares, 'all': values | second == set(range(400)), 'first': len(values)}))
`;
      expect(await run(script)).toEqual({ shares: [2, 2], all: true, first: 250 });
    });

    test('times, ends and a seek into a batch lead to the exact record', async () => {
      const script = `
create('times', 1)
producer = Producer({'bootstrap.servers': server, 'compression.type': 'lz4', 'linger.ms': 50})
for index in range(100): producer.produce('times', str(index), partition=0, timestamp=1700000000000 + index * 10)
producer.flush()
consumer = Consumer({'bootstrap.servers': server, 'group.id': 'timers', 'auto.offset.reset': 'earliest'})
asked = lambda time: consumer.offsets_for_times([TopicPartition('times', 0, time)], timeout=10)[0].offset
consumer.assign([TopicPartition('times', 0, 57)])
print(json.dumps({
  'times': [asked(1600000000000), asked(1700000000405), asked(1700000000410), asked(1800000000000)],
  'ends': list(consumer.get_watermark_offsets(TopicPartition('times', 0), timeout=10)),
  'sought': consumer.poll(20).value().decode(),
}))
`;
      // -1 is the end in librdkafka: nothing is as late as that.
      expect(await run(script)).toEqual({ times: [0, 41, 41, -1], ends: [0, 100], sought: '57' });
    });

    test('the admin client creates, describes, alters, lists and deletes', async () => {
      const script = `
create('admin', 2, {'retention.ms': '60000'})
producer = Producer({'bootstrap.servers': server})
for index in range(10): producer.produce('admin', str(index), partition=0)
producer.flush()
read('admin', 10, 'admins')
resource = ConfigResource(ConfigResource.Type.TOPIC, 'admin')
def retention():
    entry = admin.describe_configs([resource])[resource].result()['retention.ms']
    return [entry.value, entry.is_default]
before = retention()
wait(admin.incremental_alter_configs([ConfigResource(ConfigResource.Type.TOPIC, 'admin', incremental_configs=[ConfigEntry('retention.ms', '90000', incremental_operation=AlterConfigOpType.SET)])]))
after = retention()
wait(admin.create_partitions([NewPartitions('admin', 3)]))
described = wait(admin.describe_topics(TopicCollection(['admin'])))['admin']
group = wait(admin.describe_consumer_groups(['admins']))['admins']
offsets = wait(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions('admins')]))['admins']
listed = admin.list_consumer_groups().result()
records = wait(admin.delete_records([TopicPartition('admin', 0, 4)]))
earliest = wait(admin.list_offsets({TopicPartition('admin', 0): OffsetSpec.earliest()}))
wait(admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions('admins', [TopicPartition('admin', 0, 6)])]))
moved = wait(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions('admins')]))['admins']
wait(admin.delete_consumer_groups(['admins']))
wait(admin.delete_topics(['admin']))
try:
    create('a topic', 1)
    refused = None
except KafkaException as error:
    refused = error.args[0].name()
cluster = admin.describe_cluster().result()
print(json.dumps({
  'retention': [before, after],
  'partitions': [[partition.id, partition.leader.id, len(partition.isr)] for partition in described.partitions],
  'group': [group.state.name, len(group.members)],
  'offsets': [[partition.partition, partition.offset] for partition in offsets.topic_partitions if partition.offset >= 0],
  'moved': [partition.offset for partition in moved.topic_partitions if partition.partition == 0],
  'listed': 'admins' in [one.group_id for one in listed.valid],
  'deleted': [one.low_watermark for one in records.values()],
  'earliest': [one.offset for one in earliest.values()],
  'refused': refused,
  'nodes': [node.id for node in cluster.nodes],
  'controller': cluster.controller.id,
  'topics': 'admin' in admin.list_topics(timeout=10).topics,
}))
`;
      expect(await run(script)).toEqual({
        retention: [
          ['60000', false],
          ['90000', false],
        ],
        partitions: [
          [0, 1, 1],
          [1, 1, 1],
          [2, 1, 1],
        ],
        group: ['EMPTY', 0],
        offsets: [[0, 10]],
        moved: [6],
        listed: true,
        deleted: [4],
        earliest: [4],
        refused: 'TOPIC_EXCEPTION',
        nodes: [1],
        controller: 1,
        topics: false,
      });
    });
  });
});

const prelude = `
import sys, json, time
from confluent_kafka import Producer, Consumer, TopicPartition, KafkaException, TopicCollection, ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient, NewTopic, NewPartitions, ConfigResource, ConfigEntry, AlterConfigOpType, OffsetSpec
server = sys.argv[1]
admin = AdminClient({'bootstrap.servers': server})
def wait(futures): return {(key if isinstance(key, str) else str(key)): future.result(20) for key, future in futures.items()}
def create(name, partitions, config={}): wait(admin.create_topics([NewTopic(name, partitions, 1, config=config)]))
def read(topic, count, group):
    consumer = Consumer({'bootstrap.servers': server, 'group.id': group, 'auto.offset.reset': 'earliest', 'enable.auto.commit': False, 'partition.assignment.strategy': 'cooperative-sticky'})
    consumer.subscribe([topic])
    got = []
    deadline = time.time() + 40
    while len(got) < count and time.time() < deadline:
        for message in consumer.consume(count - len(got), 0.5):
            if message.error() is None: got.append(message)
    consumer.commit(asynchronous=False)
    consumer.close()
    return got
`;
