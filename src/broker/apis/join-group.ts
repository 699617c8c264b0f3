import { array, boolean, bytes, int16, int32, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// JoinGroup v0–9. v1 adds the rebalance timeout (before it: the session timeout), v4 asks nameless members to come back
// with an id (KIP-394), v5 static members (KIP-345), v6 is flexible, v7 adds the protocol type to the answer, v8 a reason,
// v9 leaders that have nothing to assign (KIP-814).
export const joinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexibleFrom: 6,
  request: struct({
    groupId: string,
    sessionTimeout: int32,
    rebalanceTimeout: since(1, int32, -1),
    memberId: string,
    instanceId: since(5, nullable(string), null),
    protocolType: string,
    protocols: array(struct({ name: string, metadata: bytes })),
    reason: since(8, nullable(string), null),
  }),
  response: struct({
    throttleTime: since(2, int32, 0),
    errorCode: int16,
    generation: int32,
    protocolType: since(7, nullable(string)),
    protocolName: nullable(string, 7),
    leaderId: string,
    skipAssignment: since(9, boolean),
    memberId: string,
    members: array(struct({ memberId: string, instanceId: since(5, nullable(string)), metadata: bytes })),
  }),
  handle: ({ groups }, request, { version, clientId, clientHost }) =>
    groups.join({
      ...request,
      clientId,
      clientHost,
      rebalanceTimeout: version >= 1 ? request.rebalanceTimeout : request.sessionTimeout,
      requireMemberId: version >= 4,
      canSkipAssignment: version >= 9,
    }),
});
