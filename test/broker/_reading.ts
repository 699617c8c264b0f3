import { fetch } from '../../src/broker/apis/fetch.ts';
import { listOffsets } from '../../src/broker/apis/list-offsets.ts';
import { readMarker } from '../../src/broker/log/control-marker.ts';
import { batchHeader, isControl, isTransactional } from '../../src/broker/log/record-batch.ts';
import type { RawClient } from './_raw-client.ts';
import { type ReadRecord, recordsOf } from './log/_test-log.ts';

interface ReadOptions {
  readonly topic: string;
  readonly partition: number;
  readonly isCommittedOnly?: boolean;
  readonly maxWaitMs?: number;
}

/** The offset of a partition's first record. */
export async function startOf(client: RawClient, topic: string, partition: number): Promise<number> {
  const { topics } = await client.call(listOffsets, 4, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: -2 }] }],
  });
  const { errorCode, offset = -1 } = topics[0]?.partitions[0] ?? {};
  if (errorCode !== 0) throw new Error(`${topic}/${partition} has no start: error ${errorCode}`);
  return offset;
}

/** The records that one fetch from an offset on gives a consumer, and the offset to go on from. */
export async function readFrom(
  client: RawClient,
  offset: number,
  { topic, partition, isCommittedOnly = false, maxWaitMs = 0 }: ReadOptions,
): Promise<{ records: ReadRecord[]; next: number; errorCode: number }> {
  const { topics } = await client.call(fetch, 11, {
    replicaId: -1,
    maxWaitMs,
    minBytes: 1,
    maxBytes: 50_000_000,
    isolationLevel: isCommittedOnly ? 1 : 0,
    sessionId: 0,
    topics: [{ topic, topicId: null, partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 50_000_000 }] }],
    forgottenTopics: [],
    rackId: '',
  });
  const answer = topics[0]?.partitions[0];
  const bytes = Buffer.concat(answer?.records ?? []);
  const aborted = [...(answer?.abortedTransactions ?? [])];
  const aborting = new Set<number>();
  const records: ReadRecord[] = [];
  let next = offset;
  for (let at = 0; at < bytes.length; at += batchHeader.size(bytes, at)) {
    const batch = bytes.subarray(at, at + batchHeader.size(bytes, at));
    const producerId = batchHeader.producerId(batch);
    next = batchHeader.lastOffset(batch) + 1;
    while (aborted[0] && aborted[0].firstOffset < next) aborting.add(aborted.shift()?.producerId ?? -1);
    if (isControl(batch)) {
      if (readMarker(batch, 0)?.isAbort) aborting.delete(producerId);
    } else if (!isTransactional(batch) || !aborting.has(producerId)) {
      records.push(...recordsOf(batch).filter((record) => record.offset >= offset));
    }
  }
  return { records, next, errorCode: answer?.errorCode ?? -1 };
}

/** All records of a partition that a consumer gets. */
export async function readAll(
  client: RawClient,
  options: ReadOptions,
): Promise<{ start: number; records: ReadRecord[] }> {
  const start = await startOf(client, options.topic, options.partition);
  const all: ReadRecord[] = [];
  for (let offset = start; ; ) {
    const { records, next, errorCode } = await readFrom(client, offset, options);
    if (errorCode !== 0) throw new Error(`${options.topic}/${options.partition} cannot be read: error ${errorCode}`);
    if (next === offset) return { start, records: all };
    all.push(...records);
    offset = next;
  }
}
