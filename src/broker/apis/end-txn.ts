import { boolean, defaulting, int16, int32, int64, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';
import { fencedCode } from './fenced-code.ts';

// EndTxn v0–3. v1 is v0, v2 knows fenced producers, v3 is flexible. Unlike Kafka, which answers when the end is decided,
// the answer comes when all partitions and groups have it: what was committed can be read, and the next can begin.
export const endTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: [0, 3],
  flexibleFrom: 3,
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, committed: boolean }),
  response: struct({ throttleTimeMs: defaulting(int32, 0), errorCode: int16 }),
  handle: async ({ transactions }, { committed, ...producer }, { version }) => ({
    errorCode: fencedCode(await transactions.end(producer, committed), version >= 2),
  }),
});
