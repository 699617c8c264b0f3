import type { BrokerContext } from '../context.ts';
import { type BatchFault, batchHeader, faultOfBatch, isTransactional } from '../log/record-batch.ts';
import { hasKeylessRecord } from '../log/records.ts';
import { StorageError } from '../log/write-queue.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { ProtocolError } from '../protocol/reader.ts';
import {
  array,
  bytes,
  defaulting,
  type Encodable,
  int16,
  int32,
  int64,
  nullable,
  since,
  string,
  struct,
} from '../protocol/schema.ts';
import { api } from './api.ts';

const partitionResponse = struct({
  index: int32,
  errorCode: int16,
  baseOffset: int64,
  logAppendTimeMs: defaulting(int64, -1),
  logStartOffset: since(5, int64, -1),
  recordErrors: since(8, array(struct({ batchIndex: int32, message: nullable(string) })), []),
  errorMessage: since(8, nullable(string), null),
});

type PartitionResponse = Encodable<typeof partitionResponse>;

// Produce v3–9. v5 answers the log start, v7 allows zstd, v8 says what is wrong with a record, v9 is flexible.
// 0–2 carry older record formats and are not served, but advertised: librdkafka up to 2.11 compresses only where 0 is.
export const produce = api({
  key: 0,
  name: 'Produce',
  versions: [3, 9],
  advertised: [0, 9],
  flexibleFrom: 9,
  request: struct({
    transactionalId: nullable(string),
    acks: int16,
    timeoutMs: int32,
    topics: array(struct({ name: string, partitions: array(struct({ index: int32, records: nullable(bytes) })) })),
  }),
  response: struct({
    topics: array(struct({ name: string, partitions: array(partitionResponse) })),
    throttleTimeMs: defaulting(int32, 0),
  }),
  async handle(context, { acks, topics }, { version }) {
    if (acks < -1 || acks > 1) {
      return {
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ index }) =>
            refuse(index, { errorCode: errorCodes.invalidRequiredAcks, message: '' }),
          ),
        })),
      };
    }
    // All are appended before the first is waited for, so that one write takes them.
    const appended = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, records }) => append(context, name, index, records, acks, version)),
    }));
    const answered = await Promise.all(
      appended.map(async ({ name, partitions }) => ({ name, partitions: await Promise.all(partitions) })),
    );
    if (acks !== 0) return { topics: answered };
    // Nothing can be answered, so closing is the only way to make the producer look for what went wrong.
    const failed = answered.flatMap(({ partitions }) => partitions).find(({ errorCode }) => errorCode !== 0);
    if (failed) throw new ProtocolError(`produce with acks 0 failed with error ${failed.errorCode}`);
    return null;
  },
});

const refuse = (index: number, { errorCode, message }: BatchFault): PartitionResponse => ({
  index,
  errorCode,
  baseOffset: -1,
  errorMessage: message || null,
});

async function append(
  { topics, transactions, metrics }: BrokerContext,
  topicName: string,
  index: number,
  records: Buffer | null,
  acks: number,
  version: number,
): Promise<PartitionResponse> {
  const topic = topics.get(topicName);
  const log = topic?.partitions[index];
  if (!topic || !log) return refuse(index, { errorCode: errorCodes.unknownTopicOrPartition, message: '' });
  const { maxMessageBytes } = topic.settings;
  if (records && records.length > maxMessageBytes) {
    const message = `the batch has ${records.length} bytes, max.message.bytes is ${maxMessageBytes}`;
    return refuse(index, { errorCode: errorCodes.messageTooLarge, message });
  }
  const fault = faultOfBatch(records, version);
  if (fault || !records) return refuse(index, fault ?? { errorCode: errorCodes.invalidRecord, message: '' });
  if (topic.settings.isCompacted && hasKeylessRecord(records)) {
    const message = `topic ${topicName} is compacted: every record needs a key`;
    return refuse(index, { errorCode: errorCodes.invalidRecord, message });
  }
  const endBefore = log.endOffset;
  const producer = { producerId: batchHeader.producerId(records), producerEpoch: batchHeader.producerEpoch(records) };
  const admit = () => transactions.faultOfBatch(producer, topic.id, index);
  const result = isTransactional(records) ? log.append(records, admit) : log.append(records);
  if ('message' in result) return refuse(index, result);
  try {
    // Without acknowledgement too, since the memory of the request is used again once this is over.
    await log.whenStored(result.endOffset, acks === -1);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return refuse(index, { errorCode: errorCodes.kafkaStorageError, message: error.message });
  }
  const { baseOffset, logAppendTime } = result;
  // A batch that was there already has its old offset.
  if (baseOffset >= endBefore) {
    const recordsCount = batchHeader.recordsCount(records);
    topic.traffic.addIn(recordsCount, records.length);
    metrics.traffic.addIn(recordsCount, records.length);
  }
  return { index, errorCode: 0, baseOffset, logAppendTimeMs: logAppendTime, logStartOffset: log.startOffset };
}
