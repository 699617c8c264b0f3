import { fetch } from '../../src/broker/apis/fetch.ts';
import { batchHeader } from '../../src/broker/log/record-batch.ts';
import { connectRaw } from './_raw-client.ts';

/** The batches of a topic's first partition, markers too, as any broker gives them to who reads everything. */
export async function storedBatches(port: number, topic: string): Promise<Buffer[]> {
  const client = await connectRaw(port);
  const { topics } = await client.call(fetch, 4, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1_000_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, topicId: null, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }] }],
    forgottenTopics: [],
    rackId: '',
  });
  client.close();
  const bytes = Buffer.concat([...(topics[0]?.partitions[0]?.records ?? [])]);
  const batches: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += batchHeader.size(bytes, at)) {
    batches.push(bytes.subarray(at, at + batchHeader.size(bytes, at)));
  }
  return batches;
}
