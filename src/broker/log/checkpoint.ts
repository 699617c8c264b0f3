import { join } from 'node:path';
import { readJson, writeJson } from './durable-file.ts';
import type { ProducerSnapshot } from './producer-states.ts';
import type { TransactionSnapshot } from './transaction-index.ts';

/** An epoch of leadership and the offset of its first record. */
export type EpochStart = [epoch: number, startOffset: number];

/** What a partition need not find out again when it is opened. */
export interface Checkpoint {
  readonly version: 1;
  readonly startOffset: number;
  /** Everything below is synced and was checked; recovery reads from here on. */
  readonly recoveryOffset: number;
  /** The size of the newest segment when the broker was stopped in order, else null. */
  readonly cleanSize: number | null;
  readonly epochs: readonly EpochStart[];
  readonly producers: readonly ProducerSnapshot[];
  /** Missing where none was ever seen. */
  readonly transactions?: TransactionSnapshot;
}

const emptyCheckpoint: Checkpoint = {
  version: 1,
  startOffset: 0,
  recoveryOffset: 0,
  cleanSize: null,
  epochs: [[0, 0]],
  producers: [],
};

const fileOf = (directory: string) => join(directory, 'checkpoint.json');

const isCheckpoint = (value: unknown): value is Checkpoint =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  value.version === 1 &&
  'epochs' in value &&
  Array.isArray(value.epochs) &&
  value.epochs.length > 0 &&
  'producers' in value &&
  Array.isArray(value.producers);

/** Reads a partition's checkpoint; a missing or broken one only means that the whole log is read again. */
export function readCheckpoint(directory: string): Checkpoint {
  const value = readJson(fileOf(directory));
  return isCheckpoint(value) ? value : emptyCheckpoint;
}

export function writeCheckpoint(directory: string, checkpoint: Checkpoint): void {
  writeJson(fileOf(directory), checkpoint);
}
