import { errorCodes } from '../protocol/error-codes.ts';
import { array, defaulting, int16, int32, int64, since, string, struct } from '../protocol/schema.ts';
import { stateNames } from '../transaction/state-names.ts';
import { api } from './api.ts';

const allNames = new Set(Object.values(stateNames));

// ListTransactions v0–1 (KIP-664). v1 filters by how long a transaction lasts. Filters that are empty, or a negative
// duration, let everything through.
export const listTransactions = api({
  key: 66,
  name: 'ListTransactions',
  versions: [0, 1],
  flexibleFrom: 0,
  request: struct({
    stateFilters: array(string),
    producerIdFilters: array(int64),
    durationFilter: since(1, int64, -1),
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    errorCode: int16,
    unknownStateFilters: array(string),
    transactionStates: array(struct({ transactionalId: string, producerId: int64, transactionState: string })),
  }),
  handle({ transactions, clock }, { stateFilters, producerIdFilters, durationFilter }) {
    const now = clock.now();
    const listed = transactions
      .all()
      .map((transaction) => ({ ...transaction, transactionState: stateNames[transaction.state] }))
      .filter(({ transactionState }) => stateFilters.length === 0 || stateFilters.includes(transactionState))
      .filter(({ producerId }) => producerIdFilters.length === 0 || producerIdFilters.includes(producerId))
      .filter(({ startedAt }) => durationFilter < 0 || now - startedAt > durationFilter);
    return {
      errorCode: errorCodes.none,
      unknownStateFilters: stateFilters.filter((name) => !allNames.has(name)),
      transactionStates: listed,
    };
  },
});
