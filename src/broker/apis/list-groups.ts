import { errorCodes } from '../protocol/error-codes.ts';
import { array, int16, int32, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// Every group here speaks the classic protocol, not that of KIP-848.
const groupType = 'classic';

const admits = (wanted: readonly string[], value: string) =>
  wanted.length === 0 || wanted.some((each) => each.toLowerCase() === value.toLowerCase());

// ListGroups v0–5. v1 adds the throttle time, v3 is flexible, v4 filters by state (KIP-518), v5 by type (KIP-848).
export const listGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexibleFrom: 3,
  request: struct({ states: since(4, array(string)), types: since(5, array(string)) }),
  response: struct({
    throttleTime: since(1, int32, 0),
    errorCode: int16,
    groups: array(
      struct({ groupId: string, protocolType: string, state: since(4, string), groupType: since(5, string) }),
    ),
  }),
  handle: ({ groups }, { states, types }) => ({
    errorCode: errorCodes.none,
    groups: groups
      .list()
      .filter(({ state }) => admits(states, state) && admits(types, groupType))
      .map((group) => ({ ...group, groupType })),
  }),
});
