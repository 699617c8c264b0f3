import type { TransactionState } from './transaction.ts';

/** The states as Apache Kafka's tools call them. */
export const stateNames: Readonly<Record<TransactionState, string>> = {
  empty: 'Empty',
  ongoing: 'Ongoing',
  prepareCommit: 'PrepareCommit',
  prepareAbort: 'PrepareAbort',
  completeCommit: 'CompleteCommit',
  completeAbort: 'CompleteAbort',
};
