import type { StageStatus } from '../../../messages.ts';
import { completenessOf } from '../../state/completeness.ts';
import type { Condition } from '../../state/condition.ts';

/** What became of the rows that were read: they are rejected, late, counted, or still on their way. */
export interface Balance {
  read: number;
  rejected: number;
  late: number;
  counted: number;
  inFlight: number;
}

/** Whether everything has arrived, and how the numbers show it. */
export type Verdict =
  | { kind: 'complete'; ended: boolean }
  | { kind: 'behind'; missing: number }
  /** Only results are known to this process. */
  | { kind: 'results' }
  /** Other programs, or earlier runs, have sent records too. */
  | { kind: 'others' }
  | { kind: 'unknown' };

export interface BalanceView {
  verdict: Verdict;
  /** Undefined while the numbers of rows are not known, or are not those of the same records. */
  balance: Balance | undefined;
  counted: number | undefined;
  stored: number | undefined;
}

/** The balance of the rows at a moment of the browser's clock. */
export function balanceOf(
  status: StageStatus,
  { agreedAt, condition, now }: { agreedAt: number | undefined; condition: Condition; now: number },
): BalanceView {
  const { rowsRead, rejected = 0, late = 0, counted, stored } = status;
  const reached = counted ?? stored;
  const inFlight = rowsRead === undefined || reached === undefined ? 0 : rowsRead - rejected - late - reached;
  const balance =
    rowsRead === undefined || reached === undefined || inFlight < 0
      ? undefined
      : { read: rowsRead, rejected, late, counted: reached, inFlight };
  const view = { balance, counted, stored };
  if (condition === 'connecting' || condition === 'reconnecting' || condition === 'failed') {
    return { ...view, verdict: { kind: 'unknown' } };
  }
  const completeness = completenessOf(status, { agreedAt, idle: condition !== 'live', now });
  if (!completeness) return { ...view, verdict: { kind: stored === undefined ? 'unknown' : 'results' } };
  if (completeness.kind === 'behind') return { ...view, verdict: completeness };
  if (!balance) return { ...view, verdict: { kind: 'others' } };
  return { ...view, verdict: { kind: 'complete', ended: status.produce?.state === 'done' && inFlight === 0 } };
}
