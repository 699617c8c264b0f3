import type { PartitionLog } from '../log/partition-log.ts';
import { errorCodes } from '../protocol/error-codes.ts';

/** What is wrong with the leader epoch that a client believes in (KIP-320); 0 when nothing, or when it does not say. */
export function faultOfEpoch({ leaderEpoch }: PartitionLog, claimed: number): number {
  if (claimed === -1 || claimed === leaderEpoch) return 0;
  return claimed < leaderEpoch ? errorCodes.fencedLeaderEpoch : errorCodes.unknownLeaderEpoch;
}
