import type { BrokerContext } from '../context.ts';
import type { Allocate } from '../log/buffer-pool.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { batchHeader } from '../log/record-batch.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import {
  array,
  type Decoded,
  defaulting,
  type Encodable,
  int8,
  int16,
  int32,
  int64,
  nullable,
  since,
  slices,
  string,
  struct,
  until,
  uuid,
} from '../protocol/schema.ts';
import type { Topic } from '../topics/topics.ts';
import { api } from './api.ts';
import { faultOfEpoch } from './leader-epoch.ts';

const partitionRequest = struct({
  partition: int32,
  currentLeaderEpoch: since(9, int32, -1),
  fetchOffset: int64,
  lastFetchedEpoch: since(12, int32, -1),
  logStartOffset: since(5, int64, -1),
  partitionMaxBytes: int32,
});

const topicRequest = struct({
  topic: until(12, string),
  topicId: since(13, uuid),
  partitions: array(partitionRequest),
});

const partitionResponse = struct({
  partitionIndex: int32,
  errorCode: int16,
  highWatermark: int64,
  lastStableOffset: int64,
  logStartOffset: since(5, int64),
  abortedTransactions: nullable(array(struct({ producerId: int64, firstOffset: int64 }))),
  preferredReadReplica: since(11, int32, -1),
  // Never null: librdkafka reads a null as a bad size.
  records: slices,
});

type PartitionResponse = Encodable<typeof partitionResponse>;

/** What one response may hold, whatever the client asks for. */
const mostBytes = 55 * 1024 * 1024;

// Fetch v4–13. v4 adds isolation levels, v5 the log start, v7 sessions (which are never opened here), v9 leader epochs,
// v11 follower reads, v12 is flexible, v13 knows topics by their ids (KIP-516).
export const fetch = api({
  key: 1,
  name: 'Fetch',
  versions: [4, 13],
  flexibleFrom: 12,
  request: struct({
    replicaId: int32,
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32,
    isolationLevel: int8,
    sessionId: since(7, int32),
    sessionEpoch: since(7, int32, -1),
    topics: array(topicRequest),
    forgottenTopics: since(
      7,
      array(struct({ topic: until(12, string), topicId: since(13, uuid), partitions: array(int32) })),
    ),
    rackId: since(11, string),
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    errorCode: since(7, int16, 0),
    sessionId: since(7, int32, 0),
    topics: array(struct({ topic: until(12, string), topicId: since(13, uuid), partitions: array(partitionResponse) })),
  }),
  async handle(context, request, { version, signal, onSent }) {
    if (request.sessionId !== 0) return { errorCode: errorCodes.fetchSessionIdNotFound, topics: [] };
    const targets = request.topics.flatMap((topic) => resolve(context, topic, version));
    const isCommitted = request.isolationLevel === 1;
    const maxBytes = Math.min(request.maxBytes, mostBytes);
    const deadline = performance.now() + request.maxWaitMs;
    const watch = watchLogs(targets, signal);
    const lease = context.buffers.lease();
    onSent(() => lease.release());
    try {
      for (;;) {
        const { responses, bytes, hasError } = await readAll(targets, isCommitted, maxBytes, lease.allocate);
        const left = deadline - performance.now();
        if (hasError || bytes >= request.minBytes || left <= 0 || targets.length === 0 || signal.aborted) {
          countOut(context, targets, responses);
          return { topics: inRequestOrder(request.topics, responses) };
        }
        lease.release();
        await watch.changed(left);
      }
    } finally {
      watch.stop();
    }
  },
});

interface Target {
  readonly request: Decoded<typeof partitionRequest>;
  readonly topic: Topic | undefined;
  readonly log: PartitionLog | undefined;
  /** Why there is no log. */
  readonly errorCode: number;
}

function resolve({ topics }: BrokerContext, request: Decoded<typeof topicRequest>, version: number): Target[] {
  const topic = version >= 13 ? topics.getById(request.topicId ?? '') : topics.get(request.topic);
  const errorCode = topic || version < 13 ? errorCodes.unknownTopicOrPartition : errorCodes.unknownTopicId;
  return request.partitions.map((partition) => ({
    request: partition,
    topic,
    log: topic?.partitions[partition.partition],
    errorCode,
  }));
}

async function readAll(targets: readonly Target[], isCommitted: boolean, maxBytes: number, allocate: Allocate) {
  // Where all limits fit into the whole, no partition has to wait for what another one takes.
  const mostBytes = targets.reduce((sum, { request }) => sum + request.partitionMaxBytes, 0);
  if (targets.length > 1 && mostBytes <= maxBytes) {
    const answers = targets.map((target) => read(target, isCommitted, maxBytes, false, allocate));
    const responses = await Promise.all(answers);
    const bytes = responses.reduce((sum, { records }) => sum + sizeOf(records), 0);
    if (bytes > 0) return { responses, bytes, hasError: responses.some(isError) };
  }
  const responses: PartitionResponse[] = [];
  let bytes = 0;
  for (const target of targets) {
    const response = await read(target, isCommitted, maxBytes - bytes, bytes === 0, allocate);
    bytes += sizeOf(response.records);
    responses.push(response);
  }
  return { responses, bytes, hasError: responses.some(isError) };
}

const sizeOf = (slices: readonly Buffer[]) => slices.reduce((sum, { length }) => sum + length, 0);
const isError = ({ errorCode }: PartitionResponse) => errorCode !== 0;

async function read(
  { request, log, errorCode }: Target,
  isCommitted: boolean,
  bytesLeft: number,
  isFirst: boolean,
  allocate: Allocate,
): Promise<PartitionResponse> {
  if (!log || log.isRemoved) return refuse(request.partition, errorCode);
  const epochFault = faultOfEpoch(log, request.currentLeaderEpoch);
  if (epochFault !== 0) return refuse(request.partition, epochFault);
  const { fetchOffset } = request;
  if (fetchOffset < log.startOffset || fetchOffset > log.endOffset) {
    return { ...refuse(request.partition, errorCodes.offsetOutOfRange), logStartOffset: log.startOffset };
  }
  const { highWatermark, lastStableOffset } = log;
  const limit = Math.min(request.partitionMaxBytes, bytesLeft);
  // The first batch that is found is given whatever its size, else a consumer could never get past it (KIP-74).
  const records =
    limit > 0 || isFirst
      ? await log.read(
          fetchOffset,
          isCommitted ? lastStableOffset : highWatermark,
          Math.max(0, limit),
          isFirst,
          allocate,
        )
      : [];
  return {
    partitionIndex: request.partition,
    errorCode: 0,
    highWatermark,
    lastStableOffset,
    logStartOffset: log.startOffset,
    abortedTransactions: isCommitted ? log.abortedIn(records, fetchOffset) : null,
    records,
  };
}

const refuse = (partitionIndex: number, errorCode: number): PartitionResponse => ({
  partitionIndex,
  errorCode,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  abortedTransactions: null,
  records: [],
});

/** Counts what is sent. Batches are whole, and their headers say how many records are in them. */
function countOut(
  { metrics }: BrokerContext,
  targets: readonly Target[],
  responses: readonly PartitionResponse[],
): void {
  for (const [index, { records }] of responses.entries()) {
    let [recordCount, bytes] = [0, 0];
    for (const slice of records) {
      bytes += slice.length;
      for (let at = 0; at < slice.length; at += batchHeader.size(slice, at)) {
        recordCount += batchHeader.recordsCount(slice, at);
      }
    }
    if (bytes === 0) continue;
    targets[index]?.topic?.traffic.addOut(recordCount, bytes);
    metrics.traffic.addOut(recordCount, bytes);
  }
}

/** Exactly the requested partitions in the requested order: Java drops a response that has others. */
function inRequestOrder(topics: readonly Decoded<typeof topicRequest>[], responses: readonly PartitionResponse[]) {
  let next = 0;
  return topics.map(({ topic, topicId, partitions }) => {
    const first = next;
    next += partitions.length;
    return { topic, topicId, partitions: responses.slice(first, next) };
  });
}

/** Tells when any of the logs has more to read, or the socket is gone. Watches from the start, so nothing is missed. */
function watchLogs(targets: readonly Target[], signal: AbortSignal) {
  let isChanged = false;
  let wake = () => {};
  const onChange = () => {
    isChanged = true;
    wake();
  };
  const stops = targets.flatMap(({ log }) => (log ? [log.watch(onChange)] : []));
  signal.addEventListener('abort', onChange);
  return {
    async changed(atMost: number): Promise<void> {
      if (!isChanged) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, Math.min(Math.ceil(atMost), 2 ** 31 - 1));
        });
        clearTimeout(timer);
      }
      isChanged = false;
    },
    stop(): void {
      for (const stop of stops) stop();
      signal.removeEventListener('abort', onChange);
    },
  };
}
