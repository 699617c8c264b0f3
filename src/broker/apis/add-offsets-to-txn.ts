import { errorCodes } from '../protocol/error-codes.ts';
import { defaulting, int16, int32, int64, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';
import { fencedCode } from './fenced-code.ts';

// AddOffsetsToTxn v0–3. v1 is v0, v2 knows fenced producers, v3 is flexible.
export const addOffsetsToTxn = api({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 3],
  flexibleFrom: 3,
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, groupId: string }),
  response: struct({ throttleTimeMs: defaulting(int32, 0), errorCode: int16 }),
  async handle({ transactions }, { groupId, ...producer }, { version }) {
    if (groupId === '') return { errorCode: errorCodes.invalidGroupId };
    return { errorCode: fencedCode(await transactions.addGroup(producer, groupId), version >= 2) };
  },
});
