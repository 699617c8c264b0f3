import { brokerId } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { array, between, int8, int16, int32, nullable, since, string, struct, until } from '../protocol/schema.ts';
import { api } from './api.ts';

const groupKey = 0;
const transactionKey = 1;

// FindCoordinator v0–4. v1 adds key types, v3 is flexible, v4 asks for many keys at once. All are coordinated here.
export const findCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 4],
  flexibleFrom: 3,
  request: struct({
    key: until(3, string),
    keyType: since(1, int8, groupKey),
    coordinatorKeys: since(4, array(string)),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: until(3, int16),
    errorMessage: between(1, 3, nullable(string), null),
    nodeId: until(3, int32),
    host: until(3, string),
    port: until(3, int32),
    coordinators: since(
      4,
      array(
        struct({
          key: string,
          nodeId: int32,
          host: string,
          port: int32,
          errorCode: int16,
          errorMessage: nullable(string),
        }),
      ),
    ),
  }),
  handle({ advertised }, { keyType, coordinatorKeys }) {
    const isKnown = keyType === groupKey || keyType === transactionKey;
    const answer = isKnown
      ? { errorCode: 0, nodeId: brokerId, ...advertised }
      : { errorCode: errorCodes.invalidRequest, nodeId: -1, host: '', port: -1 };
    return { ...answer, coordinators: coordinatorKeys.map((key) => ({ key, ...answer, errorMessage: null })) };
  },
});
