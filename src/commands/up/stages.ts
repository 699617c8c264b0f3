import type { Pace } from '../../csv/pace.ts';
import { rejectWriter } from '../../csv/reject-writer.ts';
import type { KafkaConnection } from '../../kafka/connection.ts';
import { topicSink } from '../../kafka/topic-sink.ts';
import type { WindowStore } from '../../records/window-store.ts';
import { systemClock } from '../../runtime/clock.ts';
import { whenAborted } from '../../runtime/when-aborted.ts';
import type { StageStatus } from '../../web/messages.ts';
import { type AggregateProgress, runAggregate } from '../aggregate/stage.ts';
import { ensureStageTopics } from '../aggregate/topics.ts';
import { type WindowFlags, windowOptions } from '../aggregate.ts';
import type { ReplayFlags } from '../produce/flags.ts';
import { summaryText } from '../produce/report.ts';
import { checkInput, type ProduceInput, type ProduceSummary, runProduce } from '../produce/stage.ts';
import type { ProduceProgress } from '../produce/tally.ts';
import type { PageFlags } from '../serve/page-flags.ts';
import { type ReachableStore, reachableStore } from '../serve/reachable-store.ts';
import { withRecentWindows } from '../serve/recent-windows.ts';
import { openServer, runServe } from '../serve/stage.ts';
import type { StageContext } from '../shared/flags.ts';
import type { SinkProgress } from '../sink/stage.ts';
import type { StageFaults } from '../status/stage-faults.ts';
import type { StageFigures } from '../status/stage-figures.ts';
import { sourceNames, stageStatus } from '../status/stage-status.ts';
import { statusReport } from '../status/status-report.ts';
import { embeddedBroker } from './broker.ts';
import { changes } from './changes.ts';
import { openUpStore } from './store.ts';
import { type Stages, superviseStages } from './supervise.ts';
import { type RunTotals, runTotals } from './totals.ts';
import { type Watched, watchStages } from './watched.ts';

/** What shows the stages to the reader. */
export interface View {
  /** What the replay came to, when it has ended. */
  report(summary: string): void;
  /** Says that the stages are being stopped, and gives the terminal back when they have. */
  stopping(): void;
  close(): Promise<void>;
}

export interface UpOptions {
  context: StageContext;
  input: ProduceInput;
  pace: Pace;
  flags: WindowFlags &
    PageFlags &
    Pick<ReplayFlags, 'limit' | 'skip' | 'rejects'> & {
      dataDir: string;
      fresh: boolean;
      brokerPort: number;
      group: string;
      store?: string;
      retain?: number;
      loop: boolean;
      once: boolean;
    };
  /** The input as the reader named it. */
  source: string;
  embedded: boolean;
  /** What the logger of the context is heard to complain of. */
  faults: Pick<StageFaults, 'list'>;
  openView: (watched: Watched) => View;
}

// Ctrl-C drains within ten seconds; the broker's own end takes what is left.
const drainPatience = 8_000;

// What an earlier run left open is out within a window's length; a long backlog is not waited for, and the page then
// says nothing of how many rows were read.
const settlePatience = 3_000;

/**
 * Runs broker, serve, aggregate and produce in this process, each against the broker's port as it would run alone.
 * The first stage that fails stops all, and its reason is thrown. Returns totals when they were asked for and the
 * signal did not come first.
 */
export async function runStages(options: UpOptions, signal: AbortSignal): Promise<RunTotals | undefined> {
  const { context, input } = options;
  await checkInput(input, signal);
  const stages = superviseStages(context.logger);
  const broker = options.embedded ? await openBroker(options) : undefined;
  let view: View | undefined;
  let store: WindowStore | undefined;
  let figures: StageFigures | undefined;
  try {
    const reached = await openStageStore(options);
    store = withRecentWindows(reached.store, context.pipelines);
    const connection: KafkaConnection = broker
      ? { ...context.connection, brokers: [broker.address] }
      : context.connection;
    const watched = watchStages(options, { connection, broker, store });
    figures = watched.figures;
    const work = runWork(options, { connection, watched, stages, reached }, signal, () => {
      view = options.openView(watched);
      return view;
    });
    // What fails after the race is decided has been told already, by the one who won it.
    work.catch(() => undefined);
    const brokerFailed = broker?.closed.then(() => never) ?? never;
    return await Promise.race([work, stages.failed, brokerFailed, whenAborted(signal)]);
  } finally {
    view?.stopping();
    try {
      await stages.stop(drainPatience);
    } finally {
      await view?.close();
      figures?.close();
      await store?.close();
      await broker?.close();
    }
  }
}

const never = new Promise<never>(() => undefined);

const openBroker = ({ context, flags }: UpOptions) =>
  embeddedBroker({
    dataDir: flags.dataDir,
    port: flags.brokerPort,
    fresh: flags.fresh,
    logger: context.logger.child({ stage: 'broker' }),
  });

// After the broker: it tells whether somebody else uses the data directory.
const openStageStore = async ({ context, flags }: UpOptions) => {
  const { store, dataDir, fresh } = flags;
  return reachableStore(await openUpStore({ store, dataDir, fresh, logger: context.logger.child({ stage: 'sink' }) }));
};

interface Work {
  connection: KafkaConnection;
  watched: Watched;
  stages: Stages;
  reached: ReachableStore;
}

/** Starts the stages from the end of the chain to its beginning, so that each finds its reader at work. */
async function runWork(
  options: UpOptions,
  { connection, watched, stages, reached }: Work,
  signal: AbortSignal,
  openView: () => View,
): Promise<RunTotals | undefined> {
  const { context, input, pace, flags } = options;
  const { pipelines, logger } = context;
  const { status, figures, store } = watched;
  const changed = changes();
  const loggerOf = (stage: string) => logger.child({ stage });
  // What a connection has to say is said of the stage that uses it.
  const connectionOf = (stage: string): KafkaConnection => ({ ...connection, logger: loggerOf(stage) });
  await ensureStageTopics(connection, pipelines);

  const server = await openServer({
    ...flags,
    pipelines,
    store,
    lang: context.lang,
    clock: systemClock,
    logger: loggerOf('serve'),
  });
  let storedUpTo: ReadonlyMap<string, number> = new Map();
  const totals = runTotals({
    ...{ connection, pipelines, store, changes: changed },
    aggregate: () => status.aggregate,
    storedUpTo: () => storedUpTo,
  });
  const source = sourceNames(input.files);
  // What the storing has to tell is told with the rest.
  const told: StageStatus = {};
  const pages = {
    publish: server.live.publish,
    status: (part: StageStatus) => void Object.assign(told, part),
    currentStatus: told,
  };
  const statusAt = (now: number): StageStatus => ({
    ...told,
    ...stageStatus(
      status,
      figures.at(now),
      { pipelines, source, reachable: reached.reachable, counted: totals.counted },
      now,
    ),
    ...totals.stages(status.produce ?? { rows: 0, rejected: 0 }),
    faults: options.faults.list,
  });
  const report = statusReport(server.live, () => statusAt(Date.now()));
  stages.start('sink', async (stop) => {
    try {
      const onProgress = (progress: SinkProgress) => {
        storedUpTo = progress.positions;
        status.stored = progress.windows;
        status.storeLag = progress.lag;
        status.connected = progress.connected;
        status.delay = progress.delay ?? null;
        report.tellSoon();
        changed.tell();
      };
      const storing = {
        connection: connectionOf('sink'),
        pipelines,
        store,
        retain: flags.retain,
        live: pages,
        reading: server.reading,
      };
      await runServe({ ...storing, logger: loggerOf('sink'), onProgress }, stop);
    } finally {
      report.close();
      await server.close();
    }
  });

  const counting = { pipelines, groupId: flags.group, from: 'earliest' as const, untilEnd: false };
  stages.start('aggregate', async (stop) => {
    const onProgress = (progress: AggregateProgress) => {
      if (progress.windows !== status.aggregate?.windows) report.tellSoon();
      status.aggregate = progress;
      totals.noteProgress(progress);
      changed.tell();
    };
    const own = { connection: connectionOf('aggregate'), clock: systemClock, logger: loggerOf('aggregate') };
    await runAggregate({ ...counting, ...windowOptions(flags), ...own, onProgress }, stop);
  });

  status.serve = server;
  const view = openView();
  await (flags.once
    ? totals.begin(signal)
    : totals.begin(AbortSignal.any([signal, AbortSignal.timeout(settlePatience)])).catch(() => undefined));
  status.connection = 'live';

  const replay = async (stop: AbortSignal): Promise<ProduceSummary> => {
    const writer = flags.rejects === undefined ? undefined : await rejectWriter(flags.rejects);
    const sink = await topicSink({ connection: connectionOf('produce') });
    try {
      const { loop, limit, skip } = flags;
      const onProgress = (progress: Readonly<ProduceProgress>) => {
        status.produce = progress;
      };
      const stage = { ...input, pace, loop, limit, skip, rejects: writer, sink, logger: loggerOf('produce') };
      return await runProduce({ ...stage, clock: systemClock, onProgress }, stop);
    } finally {
      await sink.close();
      await writer?.close();
    }
  };
  let summary: ProduceSummary | undefined;
  await stages.start('produce', async (stop) => {
    summary = await replay(stop);
    status.produceEnded = summary.complete;
    view.report(summaryText(summary, input.pipelines));
  });
  if (flags.once && summary?.complete) return totals.end(summary, signal);
  return whenAborted(signal);
}
