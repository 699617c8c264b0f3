import { int16, int32, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// Heartbeat v0–4. v1 adds the throttle time, v3 static members (KIP-345), v4 is flexible.
export const heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generation: int32,
    memberId: string,
    instanceId: since(3, nullable(string)),
  }),
  response: struct({ throttleTime: since(1, int32, 0), errorCode: int16 }),
  handle: ({ groups }, request) => ({ errorCode: groups.heartbeat(request) }),
});
