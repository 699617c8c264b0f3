import { errorCodes } from '../protocol/error-codes.ts';
import { array, boolean, bytes, int16, int32, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// What a client may do is not limited here; "unknown" is the protocol's word for not having been asked.
const unknownOperations = -(2 ** 31);

// DescribeGroups v0–5. v1 adds the throttle time, v3 authorized operations, v4 static members, v5 is flexible.
// An unknown group is a dead one, without an error.
export const describeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 5],
  flexibleFrom: 5,
  request: struct({ groupIds: array(string), includeAuthorizedOperations: since(3, boolean) }),
  response: struct({
    throttleTime: since(1, int32, 0),
    groups: array(
      struct({
        errorCode: int16,
        groupId: string,
        state: string,
        protocolType: string,
        protocolName: string,
        members: array(
          struct({
            memberId: string,
            instanceId: since(4, nullable(string)),
            clientId: string,
            clientHost: string,
            metadata: bytes,
            assignment: bytes,
          }),
        ),
        authorizedOperations: since(3, int32, unknownOperations),
      }),
    ),
  }),
  handle: ({ groups }, { groupIds }) => ({
    groups: groupIds.map((groupId) => ({ errorCode: errorCodes.none, groupId, ...groups.describe(groupId) })),
  }),
});
