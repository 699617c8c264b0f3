import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBroker, type TestBroker } from '../_support/broker.ts';
import { pythonIsAvailable, runPython } from '../_support/python.ts';

describe.skipIf(!pythonIsAvailable())('kafka-python', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterAll(() => broker.stop());

  const run = async (script: string): Promise<unknown> => JSON.parse(await runPython(script, [broker.address]));

  test("the lab's producer and consumer work as they are", async () => {
    const script = `
import sys, json
from kafka import KafkaProducer, KafkaConsumer
producer = KafkaProducer(bootstrap_servers=sys.argv[1])
for value in ['0', '1', '2', '1']:
    producer.send('sex', value.encode('utf8'))
producer.flush()
consumer = KafkaConsumer('sex', bootstrap_servers=sys.argv[1], auto_offset_reset='earliest', consumer_timeout_ms=5000)
got = []
for message in consumer:
    got.append([message.offset, message.value.decode('utf8')])
    if len(got) == 4: break
print(json.dumps(got))
`;
    expect(await run(script)).toEqual([
      [0, '0'],
      [1, '1'],
      [2, '2'],
      [3, '1'],
    ]);
  });

  test('a group commits and goes on, and the admin client describes, alters and deletes', async () => {
    const script = `
import sys, json
from kafka import KafkaProducer, KafkaConsumer, TopicPartition, OffsetAndMetadata
from kafka.admin import KafkaAdminClient, NewTopic
server = sys.argv[1]
admin = KafkaAdminClient(bootstrap_servers=server)
admin.create_topics([NewTopic('work', num_partitions=2, replication_factor=1)])
producer = KafkaProducer(bootstrap_servers=server, acks='all', compression_type='gzip')
for index in range(100):
    producer.send('work', str(index).encode(), partition=index % 2, timestamp_ms=1700000000000 + index)
producer.flush()
def read(count):
    consumer = KafkaConsumer('work', bootstrap_servers=server, group_id='workers', auto_offset_reset='earliest', enable_auto_commit=False, consumer_timeout_ms=10000)
    got = []
    for message in consumer:
        got.append(int(message.value))
        if len(got) == count: break
    consumer.commit()
    consumer.close()
    return got
first = read(60)
second = read(40)
reader = KafkaConsumer(bootstrap_servers=server)
times = reader.offsets_for_times({TopicPartition('work', 0): 1700000000050})
ends = reader.end_offsets([TopicPartition('work', 0), TopicPartition('work', 1)])
groups = [group['group_id'] for group in admin.list_groups()]
admin.delete_topics(['work'])
print(json.dumps({
  'all': sorted(first + second) == list(range(100)),
  'time': [item.offset for item in times.values()],
  'ends': sorted(ends.values()),
  'groups': groups,
  'topics': admin.list_topics(),
}))
`;
    expect(await run(script)).toEqual({ all: true, time: [25], ends: [50, 50], groups: ['workers'], topics: ['sex'] });
  });
});
