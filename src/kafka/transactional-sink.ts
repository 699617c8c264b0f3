import { connectClient } from './client.ts';
import { patience } from './steady-requests.ts';
import type { TransactionalSink, TransactionalSinkOptions } from './transaction.ts';
import { TransactionCommitter } from './transaction-committer.ts';

export type { TransactionalSink, TransactionalSinkOptions } from './transaction.ts';

/**
 * Opens the sink of a transactional id. Whoever had the id is shut out, and a transaction that was left open is aborted
 * first, or committed where that was decided: offsets that a group is asked for after this are final. A broker that is
 * away is waited for, since this comes whenever an aggregator takes over, not only when a user starts it.
 * @throws DashctlError `BROKER_UNREACHABLE` after two minutes, `BROKER_REFUSED`.
 */
export async function transactionalSink(options: TransactionalSinkOptions): Promise<TransactionalSink> {
  const client = await connectClient(options.connection, options.signal, patience);
  const committer = new TransactionCommitter(options, client);
  try {
    await committer.open();
    return committer;
  } catch (error) {
    await committer.close();
    throw error;
  }
}
