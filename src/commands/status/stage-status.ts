import { basename } from 'node:path';
import { displayName } from '../../csv/byte-source.ts';
import { type Pipeline, takesEveryRow } from '../../records/pipelines.ts';
import type { AggregateStatus, PipelineStatus, ProduceStatus, StageStatus } from '../../web/messages.ts';
import type { AggregateProgress } from '../aggregate/stage.ts';
import { aggregateSums, replayState, type StageMoment, type UpStatus } from './stage-figures.ts';

/** What the status of `up` is made of, besides what its stages write. */
export interface StageStatusParts {
  pipelines: readonly Pipeline[];
  /** Names of the input, without folders. */
  source: string;
  /** Whether the store answers. */
  reachable: boolean;
  /** Records of a pipeline that are in windows that are out; undefined where that is not known. */
  counted: (name: string) => number | undefined;
}

const mostNames = 3;

/** The names of files, without their folders; of many only the first. */
export function sourceNames(files: readonly string[]): string {
  const names = files.slice(0, mostNames).map((file) => basename(displayName(file)));
  return `${names.join(', ')}${files.length > mostNames ? ` + ${files.length - mostNames}` : ''}`;
}

/** Where the records of pipelines are: all that is known of them where they are not counted. */
export const pipelineTopics = (pipelines: readonly Pipeline[]): Record<string, PipelineStatus> =>
  Object.fromEntries(pipelines.map(({ name, topic, resultTopic }) => [name, { topic, resultTopic }]));

/** The pipeline whose figures stand for rows: each is counted once in every pipeline that takes all. */
export const wholeOf = (pipelines: readonly Pipeline[]): Pipeline | undefined =>
  pipelines.find(takesEveryRow) ?? pipelines[0];

/** What pages are told of the stages of `up`. */
export function stageStatus(status: UpStatus, moment: StageMoment, parts: StageStatusParts, now: number): StageStatus {
  const { pipelines } = parts;
  const { watermark, lag } = aggregateSums(status.aggregate);
  const whole = status.aggregate?.pipelines.get(wholeOf(pipelines)?.name ?? '');
  return {
    rejected: (status.produce?.rejected ?? 0) + (whole?.rejected ?? 0),
    lag,
    ...(whole ? { late: whole.lateDropped } : {}),
    ...(watermark === undefined ? {} : { watermark }),
    pipelines: Object.fromEntries(
      pipelines.map((pipeline) => [pipeline.name, pipelineStatus(pipeline, status.aggregate, parts, now)]),
    ),
    produce: produceStatus(status, moment, parts),
    ...(status.aggregate ? { aggregate: aggregateStatus(status.aggregate, moment) } : {}),
    ...brokerStatus(status, moment),
    store: {
      kind: status.storedIn,
      readOnly: false,
      windows: status.stored,
      lag: status.storeLag,
      reachable: parts.reachable,
    },
    ...(moment.serve ? { pages: moment.serve.clients } : {}),
  };
}

function pipelineStatus(
  { name, topic, resultTopic }: Pipeline,
  aggregate: AggregateProgress | undefined,
  { counted }: StageStatusParts,
  now: number,
): PipelineStatus {
  const status = aggregate?.pipelines.get(name);
  if (!status) return { topic, resultTopic };
  const { lag, lateDropped, rejected, watermark, caughtUp, settled } = status;
  const known = counted(name);
  return {
    ...{ topic, resultTopic, lag, late: lateDropped, rejected },
    ...(known === undefined ? {} : { counted: known }),
    ...(Number.isFinite(watermark) ? { watermark } : {}),
    // With all read and no window open, nobody asks how far time has come, and it goes on with the clock.
    ...(Number.isFinite(watermark) && !(caughtUp && settled) ? { behind: Math.max(0, now - watermark) } : {}),
  };
}

function produceStatus(status: UpStatus, { produce }: StageMoment, parts: StageStatusParts) {
  const { target } = status.pace;
  return {
    source: parts.source,
    state: replayState(status),
    rows: produce?.rows ?? 0,
    rejected: produce?.rejected ?? 0,
    rate: tenths(produce?.rate ?? 0),
    target: Number.isFinite(target) ? target : null,
    percent: produce?.percent == null ? null : tenths(produce.percent),
  } satisfies ProduceStatus;
}

const aggregateStatus = ({ active }: AggregateProgress, { aggregate }: StageMoment): AggregateStatus => ({
  state: active ? 'counting' : 'standby',
  rate: tenths(aggregate.rate),
  windows: aggregate.windows,
});

function brokerStatus({ connected }: UpStatus, { broker }: StageMoment): Pick<StageStatus, 'broker'> {
  if (!broker) return {};
  const { address, embedded, traffic } = broker;
  const known = traffic && { rate: tenths(traffic.rate), logBytes: traffic.logBytes };
  return { broker: { address, embedded, reachable: connected, ...known } };
}

// Pages show no more of a rate; the rest would make each message a change.
const tenths = (value: number): number => Math.round(value * 10) / 10;
