import { errorCodes } from '../protocol/error-codes.ts';

export interface JoinResult {
  readonly errorCode: number;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leaderId: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  /** All members for the leader, nothing for the others. */
  readonly members: readonly { memberId: string; instanceId: string | null; metadata: Buffer }[];
}

export interface SyncResult {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

export const noBytes: Buffer = Buffer.alloc(0);

/** The answer to a JoinGroup that does not succeed. */
export const refuseJoin = (memberId: string, errorCode: number): JoinResult => ({
  errorCode,
  generation: -1,
  protocolType: null,
  protocolName: null,
  leaderId: '',
  skipAssignment: false,
  memberId,
  members: [],
});

/** The answer to a SyncGroup that does not succeed. */
export const refuseSync = (errorCode: number): SyncResult => ({
  errorCode,
  protocolType: null,
  protocolName: null,
  assignment: noBytes,
});

/** The answer to both while the broker stops: clients look for the coordinator again, and join it then. */
export const closing = errorCodes.coordinatorNotAvailable;
