import type { ScanBatch } from '../../kafka/topic-source.ts';
import { partitionKey } from '../../kafka/topics.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import { keyReader } from '../../records/record-key.ts';
import { shapeOf } from '../../records/window-shape.ts';
import { type TopicCounts, topicCounts } from '../../window/topic-counts.ts';
import type { PipelineChangelog } from './changelog.ts';
import type { Restored } from './restore.ts';
import type { AggregateOptions } from './stage.ts';

/** A pipeline at work. */
export interface Counting {
  pipeline: Pipeline;
  counts: TopicCounts;
  changelog: PipelineChangelog;
  /** First offset that it is given of a partition, until reading has come that far. */
  begins: Map<number, number>;
}

export function startCounting(
  { shape, outOfOrderness, allowedLateness }: AggregateOptions,
  pipeline: Pipeline,
  { changelog, positions, state }: Restored,
): Counting {
  const keyOf = keyReader(pipeline);
  const options = { shape: shape ?? shapeOf(pipeline), outOfOrderness, allowedLateness, keyOf };
  const begins = new Map([...positions].map(([partition, { offset }]) => [partition, offset]));
  return { pipeline, counts: topicCounts(options, positions, state), changelog, begins };
}

/** Where to begin in each partition: at the first record that one of its pipelines needs. */
export function firstOffsets(counting: readonly Counting[]): Map<string, number> {
  const from = new Map<string, number>();
  for (const { pipeline, begins } of counting) {
    for (const [partition, offset] of begins) {
      const key = partitionKey({ topic: pipeline.topic, partition });
      from.set(key, Math.min(offset, from.get(key) ?? offset));
    }
  }
  return from;
}

/**
 * A topic is read once, from the first record that one of its pipelines needs: others may begin later. Records from
 * before `from` are those of a topic that was made anew, and everybody's.
 */
export function takeBatch(
  { counts, begins }: { counts: Pick<TopicCounts, 'take'>; begins: Map<number, number> },
  batch: ScanBatch,
  from: ReadonlyMap<string, number>,
): void {
  const isAnew = (firstOffset(batch) ?? Number.POSITIVE_INFINITY) < (from.get(partitionKey(batch)) ?? 0);
  const begin = isAnew ? 0 : (begins.get(batch.partition) ?? 0);
  if (isAnew || batch.nextOffset > begin) begins.delete(batch.partition);
  const records = batch.records.from(begin);
  // What an open transaction holds is still to come, and is older than the clock by then: the clock must wait for it.
  const caughtUp = batch.caughtUp && batch.readableEnd >= batch.highWatermark;
  counts.take({ ...batch, records, caughtUp });
}

function firstOffset({ records }: ScanBatch): number | undefined {
  for (const { offset } of records) return offset;
  return undefined;
}

/** The counters of pipelines by name, as commits need them. */
export const countersOf = (sharing: readonly Counting[]) =>
  new Map(
    sharing.map(({ pipeline, counts, changelog }) => [
      pipeline.name,
      { commitPoints: () => counts.commitPoints(changelog.mark) },
    ]),
  );
