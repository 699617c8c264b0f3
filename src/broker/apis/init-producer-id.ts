import { errorCodes } from '../protocol/error-codes.ts';
import { defaulting, int16, int32, int64, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';
import { fencedCode } from './fenced-code.ts';

// InitProducerId v0–4. v2 is flexible, v3 lets a producer keep its id (KIP-360), v4 knows fenced producers. Unlike Kafka,
// which asks the client to come back while it aborts what an earlier producer left open, the answer waits for that.
export const initProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 4],
  flexibleFrom: 2,
  request: struct({
    transactionalId: nullable(string),
    transactionTimeoutMs: int32,
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    errorCode: int16,
    producerId: int64,
    producerEpoch: int16,
  }),
  async handle({ producerIds, transactions }, { transactionalId, transactionTimeoutMs, ...given }, { version }) {
    if (transactionalId === null) {
      return { errorCode: errorCodes.none, producerId: producerIds.next(), producerEpoch: 0 };
    }
    const result = await transactions.initProducerId({ transactionalId, timeout: transactionTimeoutMs, ...given });
    return { ...result, errorCode: fencedCode(result.errorCode, version >= 4) };
  },
});
