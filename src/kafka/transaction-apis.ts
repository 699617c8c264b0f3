import { FieldReader, FieldWriter } from './bytes.ts';
import type { GroupSeat } from './group-term.ts';
import { leanApi } from './lean-api.ts';
import type { TopicPartition } from './topics.ts';

// The requests of transactions (KIP-98), in the versions that tell a producer that was shut out from one that made a
// mistake (KIP-588) and name the member that commits offsets (KIP-447): Kafka 2.7 and later.

/** How a request says whose transaction it is about. */
export interface TransactionIdentity {
  transactionalId: string;
  producerId: number;
  producerEpoch: number;
}

/** An offset with the metadata that is kept beside it. */
type KeptOffset = TopicPartition & { offset: number; metadata: string };

const byTopic = <T extends TopicPartition>(items: readonly T[]) => [...Map.groupBy(items, ({ topic }) => topic)];

const writeIdentity = (fields: FieldWriter, { transactionalId, producerId, producerEpoch }: TransactionIdentity) =>
  fields.string(transactionalId).int64(producerId).int16(producerEpoch);

/** Reads the body of a reply that, but for the throttle time, is a single error code. */
function decodeErrorCode(payload: Buffer): { errorCode: number } {
  const fields = new FieldReader(payload);
  fields.int32(); // throttle time
  return { errorCode: fields.int16() };
}

/** Becomes the one producer of a transactional id; with an id and epoch, only if it still is (KIP-360). */
export const initTransactionsApi = leanApi<
  TransactionIdentity & { timeout: number },
  { errorCode: number; producerId: number; producerEpoch: number }
>({
  name: 'InitProducerId',
  key: 22,
  version: 4,
  encode: ({ transactionalId, timeout, producerId, producerEpoch }) =>
    new FieldWriter()
      .int8(0) // end of the header: no tags
      .compactString(transactionalId)
      .int32(timeout)
      .int64(producerId)
      .int16(producerEpoch)
      .int8(0).written,
  decode(payload) {
    const fields = new FieldReader(payload);
    fields.skipTags();
    fields.int32(); // throttle time
    return { errorCode: fields.int16(), producerId: fields.int64(), producerEpoch: fields.int16() };
  },
});

export const addPartitionsApi = leanApi<
  TransactionIdentity & { partitions: readonly TopicPartition[] },
  { errorCodes: number[] }
>({
  name: 'AddPartitionsToTxn',
  key: 24,
  version: 2,
  encode: ({ partitions, ...identity }) =>
    writeIdentity(new FieldWriter(), identity).array(byTopic(partitions), ([topic, own], fields) =>
      fields.string(topic).array(own, ({ partition }) => fields.int32(partition)),
    ).written,
  decode(payload) {
    const fields = new FieldReader(payload);
    fields.int32(); // throttle time
    const topics = fields.array(() => {
      fields.string();
      return fields.array(() => {
        fields.int32(); // partition
        return fields.int16();
      });
    });
    return { errorCodes: topics.flat() };
  },
});

export const addOffsetsApi = leanApi<TransactionIdentity & { groupId: string }, { errorCode: number }>({
  name: 'AddOffsetsToTxn',
  key: 25,
  version: 2,
  encode: ({ groupId, ...identity }) => writeIdentity(new FieldWriter(), identity).string(groupId).written,
  decode: decodeErrorCode,
});

export const endTransactionApi = leanApi<TransactionIdentity & { commit: boolean }, { errorCode: number }>({
  name: 'EndTxn',
  key: 26,
  version: 2,
  encode: ({ commit, ...identity }) => writeIdentity(new FieldWriter(), identity).int8(commit ? 1 : 0).written,
  decode: decodeErrorCode,
});

/** Goes to the group's coordinator, which refuses whoever is not, or no longer, the member that it says it is. */
export const commitTransactionOffsetsApi = leanApi<
  TransactionIdentity & { seat: GroupSeat; offsets: readonly KeptOffset[] },
  { errorCodes: number[] }
>({
  name: 'TxnOffsetCommit',
  key: 28,
  version: 3,
  encode: ({ transactionalId, producerId, producerEpoch, seat, offsets }) =>
    new FieldWriter()
      .int8(0) // end of the header: no tags
      .compactString(transactionalId)
      .compactString(seat.groupId)
      .int64(producerId)
      .int16(producerEpoch)
      .int32(seat.generation)
      .compactString(seat.memberId)
      .uvarint(0) // no instance id: the seat is not a static member's
      .compactArray(byTopic(offsets), ([topic, own], fields) =>
        fields
          .compactString(topic)
          .compactArray(own, ({ partition, offset, metadata }) =>
            fields.int32(partition).int64(offset).int32(-1).compactString(metadata).int8(0),
          )
          .int8(0),
      )
      .int8(0).written,
  decode(payload) {
    const fields = new FieldReader(payload);
    fields.skipTags();
    fields.int32(); // throttle time
    const topics = fields.compactArray(() => {
      fields.compactString();
      const codes = fields.compactArray(() => {
        fields.int32(); // partition
        const errorCode = fields.int16();
        fields.skipTags();
        return errorCode;
      });
      fields.skipTags();
      return codes;
    });
    return { errorCodes: topics.flat() };
  },
});
