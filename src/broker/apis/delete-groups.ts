import { array, defaulting, int16, int32, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// DeleteGroups v0–2. v1 is v0, v2 is flexible.
export const deleteGroups = api({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleFrom: 2,
  request: struct({ groupIds: array(string) }),
  response: struct({
    throttleTime: defaulting(int32, 0),
    results: array(struct({ groupId: string, errorCode: int16 })),
  }),
  handle: async ({ groups }, { groupIds }) => ({
    results: await Promise.all(
      groupIds.map(async (groupId) => ({ groupId, errorCode: await groups.deleteGroup(groupId) })),
    ),
  }),
});
