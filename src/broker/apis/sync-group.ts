import { array, bytes, int16, int32, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// SyncGroup v0–5. v1 adds the throttle time, v3 static members (KIP-345), v4 is flexible, v5 checks the protocol.
export const syncGroup = api({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generation: int32,
    memberId: string,
    instanceId: since(3, nullable(string)),
    protocolType: since(5, nullable(string)),
    protocolName: since(5, nullable(string)),
    assignments: array(struct({ memberId: string, assignment: bytes })),
  }),
  response: struct({
    throttleTime: since(1, int32, 0),
    errorCode: int16,
    protocolType: since(5, nullable(string)),
    protocolName: since(5, nullable(string)),
    assignment: bytes,
  }),
  handle: ({ groups }, request) => groups.sync(request),
});
