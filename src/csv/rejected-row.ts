/** Why a line is no row. */
export type RejectReason =
  | 'too few columns'
  | 'too many columns'
  | 'unclosed quote'
  | 'stray quote'
  | 'not text'
  | 'too long';

/** A line that was left out. */
export interface RejectedRow {
  /** From 1, in the file as it is. */
  line: number;
  reason: RejectReason;
  /** The line's text, without its end. */
  raw: string;
  /** See BadLine. */
  encodingHint?: string;
}
