import { array, int16, int32, nullable, since, string, struct, until } from '../protocol/schema.ts';
import { api } from './api.ts';

// LeaveGroup v0–5. v1 adds the throttle time, v3 takes many members, each with an error of its own (KIP-345), v4 is
// flexible, v5 adds a reason.
export const leaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    memberId: until(2, string),
    members: since(
      3,
      array(struct({ memberId: string, instanceId: nullable(string), reason: since(5, nullable(string)) })),
    ),
  }),
  response: struct({
    throttleTime: since(1, int32, 0),
    errorCode: int16,
    members: since(3, array(struct({ memberId: string, instanceId: nullable(string), errorCode: int16 }))),
  }),
  handle({ groups }, { groupId, memberId, members }, { version }) {
    const leaving = version >= 3 ? members : [{ memberId, instanceId: null }];
    const left = groups.leave(groupId, leaving);
    const [first = 0] = left.members;
    return {
      errorCode: version >= 3 ? left.errorCode : left.errorCode || first,
      members: left.members.map((errorCode, index) => ({
        memberId: leaving[index]?.memberId ?? '',
        instanceId: leaving[index]?.instanceId ?? null,
        errorCode,
      })),
    };
  },
});
