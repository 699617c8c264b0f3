import { errorCodes } from '../protocol/error-codes.ts';
import { defaulting, int16, int32, int64, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// InitProducerId v0–4. v2 is flexible, v3 lets a producer keep its id (KIP-360), v4 knows fenced producers.
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
  handle({ producerIds }, { transactionalId }) {
    if (transactionalId === null) return { errorCode: 0, producerId: producerIds.next(), producerEpoch: 0 };
    const errorCode = transactionalId === '' ? errorCodes.invalidRequest : errorCodes.unsupportedVersion;
    return { errorCode, producerId: -1, producerEpoch: -1 };
  },
});
