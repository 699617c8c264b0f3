/** The configuration of a topic, as far as its logs act on it. -1 stands for "no limit" in both retentions. */
export interface LogSettings {
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly maxMessageBytes: number;
  readonly usesLogAppendTime: boolean;
  /** Old records are deleted; false for topics that are only compacted. */
  readonly deletesOldRecords: boolean;
  /** Of each key only the newest record stays, in segments that are complete. */
  readonly isCompacted: boolean;
  /** How long a reader that began at the start has to see that a key was deleted. */
  readonly deleteRetentionMs: number;
  /** The log is compacted when more than this part of it has not been yet. */
  readonly minCleanableDirtyRatio: number;
  /** Records are not compacted away before they are this old. */
  readonly minCompactionLagMs: number;
  /** Records are compacted when they are this old, however few they are (KIP-354). */
  readonly maxCompactionLagMs: number;
}

/**
 * When a written record counts: `os` once the operating system has it (survives a killed process), `interval` the same
 * and synced every second, `always` once it is on the disk (survives a power cut).
 */
export const fsyncPolicies = ['os', 'interval', 'always'] as const;
export type FsyncPolicy = (typeof fsyncPolicies)[number];
