import type { SourceBatch, SourceRecord } from '../../kafka/topic-source.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import { decodeWindowCount, type WindowCount } from '../../records/window-count.ts';
import type { Logger } from '../../runtime/logger.ts';

/** Reads windows from the records of result topics. */
export interface ResultReader {
  windowsOf(batch: Pick<SourceBatch, 'topic' | 'partition' | 'records'>): WindowCount[];
  /** Records that could not be read: they are logged, counted and passed over. */
  readonly unreadable: number;
}

const mostLines = 20;

/** A reader of the result topics of these pipelines. What other pipelines put into the same topics is passed over. */
export function resultReader(pipelines: readonly Pipeline[], logger: Logger): ResultReader {
  const byTopic = Map.groupBy(pipelines, ({ resultTopic }) => resultTopic);
  let unreadable = 0;
  // The first are logged by their place; a topic full of them must not fill the disk with lines.
  const note = (place: string, reason: string) => {
    unreadable += 1;
    if (unreadable <= mostLines) logger.warn(`unreadable record in ${place}: ${reason}`);
    if (unreadable === mostLines) logger.warn('further unreadable records are only counted');
  };
  return {
    windowsOf({ topic, partition, records }) {
      const own = byTopic.get(topic) ?? [];
      return records.flatMap((record) => {
        const window = decodeRecord(record, own);
        if (window === undefined) return [];
        if (!('invalid' in window)) return window;
        note(`${topic}/${partition} at offset ${record.offset}`, window.invalid);
        return [];
      });
    },
    get unreadable() {
      return unreadable;
    },
  };
}

/** The window of a record, why there is none, or undefined when it is none of these pipelines'. */
function decodeRecord(
  { headers, key, value, timestamp }: SourceRecord,
  pipelines: readonly Pipeline[],
): WindowCount | { invalid: string } | undefined {
  // Two pipelines may share a result topic; the record says whose it is. The lab's own records say nothing.
  const pipeline =
    headers.pipeline === undefined ? pipelines[0] : pipelines.find(({ name }) => name === headers.pipeline);
  if (!pipeline) return undefined;
  if (!value) return { invalid: 'it has no value' };
  return decodeWindowCount(
    { key: key?.toString() ?? null, value: value.toString(), timestamp, headers },
    { pipeline: pipeline.name, window: pipeline.window },
  );
}
