import { type KeyReader, textKey } from '../records/record-key.ts';
import type { CountsState } from './changelog-snapshot.ts';
import { paneRules } from './pane-rules.ts';
import { type PartitionState, partitionState } from './partition-state.ts';
import { type Rejections, rejections } from './rejections.ts';
import { replayOffsets } from './replay-offsets.ts';
import { type ChangelogMark, encodePosition, freshPosition, type SavedPosition } from './saved-position.ts';
import type { TopicStatus } from './topic-status.ts';
import { topicWatermark } from './watermark.ts';
import { type ClosedWindow, type WindowCountsOptions, windowCounts, windowStart } from './window-counts.ts';

/** A record of a source topic, as far as counting needs it. */
export interface CountedRecord {
  offset: number;
  /** Event time, epoch ms. */
  timestamp: number;
  value: Buffer | null;
}

/** Some records of a partition in offset order, and where the reader stands after them. */
export interface CountedBatch {
  partition: number;
  /** Gone through one at a time and not kept: the next may be the same object, moved on. */
  records: Iterable<CountedRecord>;
  nextOffset: number;
  highWatermark: number;
  caughtUp: boolean;
}

export interface TopicCountsOptions extends WindowCountsOptions {
  /** By how many ms the watermark stays behind the greatest event time. */
  outOfOrderness: number;
  /** What a record counts as; the text of its value unless told. */
  keyOf?: KeyReader;
}

/** What is to be committed for a partition, so that the next run goes on from here. */
export interface CommitPoint {
  partition: number;
  offset: number;
  metadata: string;
}

/** One source topic on its way into windows: counting, event time, and the offsets a restart needs. Has no clock. */
export interface TopicCounts {
  take(batch: CountedBatch): void;
  /** Windows that are due at wall-clock time `now`; none while an earlier run's records are still being replayed. */
  advance(now: number): ClosedWindow[];
  /** Closes every window that is open, whatever the watermark: for a source that has been read to its agreed end. */
  closeAll(): ClosedWindow[];
  /** Wall-clock time at which `advance` has something to bring out; undefined when only further records can tell. */
  nextDue(): number | undefined;
  /**
   * Where things stood at the last `advance`: what has been taken since has brought nothing out yet, so that the next run
   * may as well take it again. `mark` says which snapshot of a changelog goes with a partition's.
   */
  commitPoints(mark?: (partition: number) => ChangelogMark | undefined): CommitPoint[];
  /** All that is held of records, as of the last `advance`; undefined where something has been taken since, or is replayed. */
  state(): CountsState | undefined;
  /** How many records the next run would have to replay. */
  replayLength(): number;
  /** The values that could not be counted since this was last asked; undefined when there were none. */
  newRejections(): Rejections | undefined;
  status(): TopicStatus;
}

/**
 * Creates the counter of one topic from where each of its partitions was left, given their records from there on. With
 * the state that was kept of it, those that this covers are not needed.
 */
export function topicCounts(
  options: TopicCountsOptions,
  saved: ReadonlyMap<number, SavedPosition>,
  restored?: CountsState,
): TopicCounts {
  const { shape, outOfOrderness, keyOf = textKey } = options;
  const rules = paneRules(shape);
  const positions = [...saved.values()];
  const reached = positions.reduce((most, { watermark }) => Math.max(most, watermark), Number.NEGATIVE_INFINITY);
  const revisions = new Map(positions.flatMap((position) => [...position.revisions]));
  const counts = windowCounts(options, { watermark: reached, revisions });
  const watermark = topicWatermark(saved.keys(), { outOfOrderness, floor: reached });
  const offsets = replayOffsets();
  const partitions = new Map<number, PartitionState>();
  for (const [partition, position] of saved) partitions.set(partition, partitionState(position));
  for (const stretch of restored?.stretches ?? []) counts.restore(stretch);
  for (const [start, firsts] of restored?.firsts ?? []) {
    if (counts.retained().has(start)) for (const [partition, first] of firsts) offsets.note(partition, start, first);
  }
  const refused = rejections();
  let [records, filtered] = [0, 0];

  const partitionOf = (partition: number): PartitionState => {
    let state = partitions.get(partition);
    if (!state) {
      state = partitionState(freshPosition(0));
      partitions.set(partition, state);
    }
    return state;
  };

  const isReplaying = () => {
    for (const { position, countedBefore } of partitions.values()) if (position < countedBefore) return true;
    return false;
  };

  const bringOut = (closed: ClosedWindow[]) => {
    offsets.retain(counts.retained());
    for (const state of partitions.values()) {
      state.told.next = Math.max(state.position, state.countedBefore);
      state.told.late = state.late;
    }
    return closed;
  };

  const replayedFrom = (partition: number, { position, told }: PartitionState) =>
    offsets.from(partition, Math.min(position, told.next));

  // A record of a time that nothing needs any more is passed over at a replay, whatever became of it.
  const noteDropped = ({ drops }: PartitionState, { offset, timestamp }: CountedRecord) => {
    if (counts.needs(timestamp)) drops.dropped(offset, windowStart(timestamp, rules.length) + rules.length);
  };

  return {
    take({ partition, records: batch, nextOffset, highWatermark, caughtUp }) {
      const state = partitionOf(partition);
      // Offsets only go back when the topic was deleted and made anew: its records are new ones then.
      const [first] = batch;
      const begin = first?.offset;
      if (begin !== undefined && begin < state.position) {
        offsets.forget(partition);
        state.drops.forget();
        state.countedBefore = 0;
        state.told.next = begin;
      }
      let greatest = Number.NEGATIVE_INFINITY;
      // The pane of the record before: most often that of the next one too.
      let [start, end] = [Number.NaN, Number.NaN];
      for (const record of batch) {
        const { offset, timestamp, value } = record;
        if (timestamp > greatest) greatest = timestamp;
        const key = keyOf(value);
        if (typeof key !== 'string') {
          if (offset < state.countedBefore) continue;
          records += 1;
          if (key) refused.note(partition, offset, key.refused);
          else filtered += 1;
          continue;
        }
        if (offset < state.countedBefore) {
          if (state.drops.wasDropped(offset, timestamp)) continue;
          counts.replay(key, timestamp);
        } else {
          records += 1;
          if (counts.add(key, timestamp) === 'dropped') {
            state.late += 1;
            noteDropped(state, record);
            start = Number.NaN;
            continue;
          }
        }
        if (timestamp >= start && timestamp < end) continue;
        start = windowStart(timestamp, rules.length);
        end = start + rules.length;
        offsets.note(partition, rules.periodOf(start) ?? start, offset);
        state.drops.counted(start);
      }
      // News without records may come before the reader has found its place.
      if (begin !== undefined || nextOffset > state.position) state.position = nextOffset;
      state.highWatermark = highWatermark;
      // The end of a log that lost its tail: what is missing cannot be replayed, and must not be waited for.
      if (caughtUp && state.position < state.countedBefore) {
        state.countedBefore = state.position;
        state.told.next = state.position;
      }
      if (greatest > Number.NEGATIVE_INFINITY) watermark.observe(partition, greatest);
      watermark.setCaughtUp(partition, caughtUp);
    },
    advance(now) {
      if (isReplaying()) return [];
      return bringOut(counts.advance(watermark.at(now)));
    },
    closeAll: () => bringOut(counts.advance(counts.lastClose())),
    nextDue() {
      if (isReplaying()) return undefined;
      const close = counts.nextClose();
      if (close === undefined) return undefined;
      if (close <= counts.watermark) return Number.NEGATIVE_INFINITY;
      return watermark.caughtUp ? close + outOfOrderness : undefined;
    },
    commitPoints(mark = () => undefined) {
      const revisions = counts.revisions();
      return [...partitions].map(([partition, state]) => {
        const { drops, told } = state;
        const offset = replayedFrom(partition, state);
        const [dropped, changelog] = [drops.bounds(offset, told.next), mark(partition)];
        const position = { ...told, watermark: counts.watermark, revisions, dropped, changelog };
        return { partition, offset, metadata: encodePosition(position, rules.spacing) };
      });
    },
    state() {
      const covered = new Map<number, number>();
      for (const [partition, { position, told }] of partitions) {
        if (position !== told.next) return undefined;
        covered.set(partition, position);
      }
      return { covered, stretches: counts.stretches(), firsts: offsets.firsts() };
    },
    replayLength() {
      let length = 0;
      for (const [partition, state] of partitions) length += state.told.next - replayedFrom(partition, state);
      return length;
    },
    newRejections: () => refused.takeNew(),
    status() {
      let [lag, lateDropped] = [0, 0];
      for (const { position, highWatermark, late } of partitions.values()) {
        lag += Math.max(0, highWatermark - position);
        lateDropped += late;
      }
      const settled = !isReplaying() && counts.nextClose() === undefined;
      return {
        records,
        rejected: refused.count,
        filtered,
        open: counts.openRecords(),
        lateDropped,
        lag,
        watermark: counts.watermark,
        caughtUp: watermark.caughtUp,
        settled,
      };
    },
  };
}
