import { topicSource } from '../../kafka/topic-source.ts';
import { existingTopics, partitionKey } from '../../kafka/topics.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import { type CountsState, readSnapshot } from '../../window/changelog-snapshot.ts';
import { changelogWriter } from '../../window/changelog-writer.ts';
import type { SavedPosition } from '../../window/saved-position.ts';
import { changelogTopic, fingerprintOf, PipelineChangelog } from './changelog.ts';
import { endOffsets, noteRead } from './positions.ts';
import type { AggregateOptions } from './stage.ts';
import { topicsOf } from './topics.ts';

/** Where the counting of a pipeline goes on. */
export interface Restored {
  changelog: PipelineChangelog;
  /** Where it begins to read, by partition. */
  positions: Map<number, SavedPosition>;
  /** What it has of the records before that. */
  state: CountsState | undefined;
}

type Positions = Map<number, SavedPosition>;

/**
 * Looks for the state of each pipeline in its changelog, which must be the one that its commits name. Where it is not,
 * the records are replayed that open windows need.
 */
export async function restorePipelines(
  options: AggregateOptions,
  saved: ReadonlyMap<string, Positions>,
  stop: AbortSignal,
): Promise<Map<string, Restored>> {
  const { connection, pipelines, groupId } = options;
  const topics = pipelines.map(({ name }) => changelogTopic(groupId, name));
  const held = await readChangelogs(options, await existingTopics(connection, topics), stop);
  const isNamed = [...saved.values()].some(isMarked);
  const ends = isNamed ? await endOffsets(connection, topicsOf(pipelines)) : new Map<string, number>();
  return new Map(
    pipelines.map((pipeline) => [
      pipeline.name,
      restore(options, pipeline, saved.get(pipeline.name) ?? new Map(), {
        records: held.get(changelogTopic(groupId, pipeline.name)) ?? new Map(),
        ends,
      }),
    ]),
  );
}

const isMarked = (positions: Positions) => positions.values().some(({ changelog }) => changelog !== undefined);

function restore(
  options: AggregateOptions,
  pipeline: Pipeline,
  positions: Positions,
  { records, ends }: { records: ReadonlyMap<string, string>; ends: ReadonlyMap<string, number> },
): Restored {
  const { logger } = options;
  const { name, topic } = pipeline;
  const fingerprint = fingerprintOf(options, pipeline);
  const changelogOver = (restored?: { id: string; state: CountsState }) =>
    new PipelineChangelog(
      options,
      name,
      changelogWriter({ fingerprint, found: records.keys(), ...(restored ? { restored } : {}) }),
    );
  if (!isMarked(positions)) return { changelog: changelogOver(), positions, state: undefined };

  const read = readSnapshot(records, positions, fingerprint);
  const isAhead = ([partition, next]: [number, number]) => next > (ends.get(partitionKey({ topic, partition })) ?? 0);
  const misfit =
    'misfit' in read ? read.misfit : [...read.covered].some(isAhead) ? `is of more records than ${topic} has` : '';
  if ('misfit' in read || misfit) {
    const from = changelogTopic(options.groupId, name);
    logger.warn(`${name}: the changelog ${from} ${misfit}; ${lengthOf(positions)} records are replayed instead`);
    return { changelog: changelogOver(), positions, state: undefined };
  }

  const id = positions.values().find(({ changelog }) => changelog !== undefined)?.changelog?.snapshot ?? '';
  const later = new Map(
    [...positions].map(([partition, position]): [number, SavedPosition] => {
      const offset = Math.max(position.offset, read.covered.get(partition) ?? position.offset);
      return [partition, { ...position, offset }];
    }),
  );
  const changelog = changelogOver({ id, state: read });
  const replayed = `${lengthOf(later)} of ${lengthOf(positions)} records are replayed`;
  logger.info(`${name}: open windows are restored from ${changelog.topic}, ${replayed}`);
  return { changelog, positions: later, state: read };
}

const lengthOf = (positions: Positions) => positions.values().reduce((sum, { offset, next }) => sum + next - offset, 0);

/** What changelogs hold, by topic: the last value of each key. All of it was decided when the sink was opened. */
async function readChangelogs(
  { connection }: AggregateOptions,
  topics: readonly string[],
  stop: AbortSignal,
): Promise<Map<string, Map<string, string>>> {
  const held = new Map(topics.map((topic) => [topic, new Map<string, string>()]));
  if (topics.length === 0) return held;
  const until = await endOffsets(connection, topics);
  for await (const batch of topicSource({ connection, topics, from: 'earliest', signal: stop })) {
    const records = held.get(batch.topic);
    for (const { key, value } of batch.records) {
      if (value === null) records?.delete(String(key));
      else records?.set(String(key), String(value));
    }
    noteRead(until, batch);
    if (until.size === 0) break;
  }
  return held;
}
