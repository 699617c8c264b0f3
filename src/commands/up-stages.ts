import type { Broker } from '../broker/broker.ts';
import type { Pace } from '../csv/pace.ts';
import { rejectWriter } from '../csv/reject-writer.ts';
import type { KafkaConnection } from '../kafka/connection.ts';
import { topicSink } from '../kafka/topic-sink.ts';
import type { WindowStore } from '../records/window-store.ts';
import { systemClock } from '../runtime/clock.ts';
import { whenAborted } from '../runtime/when-aborted.ts';
import { type WindowFlags, windowOptions } from './aggregate.ts';
import { type AggregateProgress, runAggregate } from './aggregate-stage.ts';
import { ensureStageTopics } from './aggregate-topics.ts';
import { changes } from './changes.ts';
import type { PageFlags } from './page-flags.ts';
import type { ReplayFlags } from './produce-flags.ts';
import { summaryText } from './produce-report.ts';
import { checkInput, type ProduceInput, type ProduceSummary, runProduce } from './produce-stage.ts';
import type { ProduceProgress } from './produce-tally.ts';
import { withRecentWindows } from './recent-windows.ts';
import { openServer, runServe } from './serve-stage.ts';
import type { StageContext } from './shared-flags.ts';
import type { SinkProgress } from './sink-stage.ts';
import { type Stages, superviseStages } from './supervise.ts';
import { embeddedBroker } from './up-broker.ts';
import { aggregateSums, type UpStatus } from './up-dashboard.ts';
import { kindOfStore, openUpStore } from './up-store.ts';
import { type RunTotals, runTotals } from './up-totals.ts';

/** The stages as a view sees them: figures that go on changing, and where the windows are. */
export interface Watched {
  status: UpStatus;
  store: WindowStore;
}

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
  try {
    store = await openStageStore(options);
    const connection: KafkaConnection = broker
      ? { ...context.connection, brokers: [broker.address] }
      : context.connection;
    const watched = watch(options, connection, broker, store);
    const work = runWork(options, { connection, watched, stages }, signal, () => {
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
  const opened = await openUpStore({ store, dataDir, fresh, logger: context.logger.child({ stage: 'sink' }) });
  return withRecentWindows(opened, context.pipelines);
};

function watch(
  { source, pace, flags, embedded }: UpOptions,
  { brokers }: KafkaConnection,
  broker: Broker | undefined,
  store: WindowStore,
): Watched {
  const status: UpStatus = {
    source,
    connection: 'connecting',
    delay: null,
    produce: undefined,
    pace,
    produceEnded: false,
    loop: flags.loop,
    aggregate: undefined,
    stored: 0,
    storedIn: kindOfStore(flags.store),
    serve: undefined,
    broker: { address: brokers.join(','), embedded, ...(broker ? { stats: broker.stats } : {}) },
  };
  return { status, store };
}

interface Work {
  connection: KafkaConnection;
  watched: Watched;
  stages: Stages;
}

/** Starts the stages from the end of the chain to its beginning, so that each finds its reader at work. */
async function runWork(
  options: UpOptions,
  { connection, watched, stages }: Work,
  signal: AbortSignal,
  openView: () => View,
): Promise<RunTotals | undefined> {
  const { context, input, pace, flags } = options;
  const { pipelines, logger } = context;
  const { status, store } = watched;
  const changed = changes();
  const loggerOf = (stage: string) => logger.child({ stage });
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
  stages.start('sink', async (stop) => {
    try {
      const onProgress = (progress: SinkProgress) => {
        storedUpTo = progress.positions;
        status.stored = progress.windows;
        status.delay = progress.delay ?? null;
        changed.tell();
      };
      const storing = {
        connection,
        pipelines,
        store,
        retain: flags.retain,
        live: server.live,
        reading: server.reading,
      };
      await runServe({ ...storing, logger: loggerOf('sink'), onProgress }, stop);
    } finally {
      await server.close();
    }
  });

  const totals = runTotals({
    ...{ connection, pipelines, store, changes: changed },
    aggregate: () => status.aggregate,
    storedUpTo: () => storedUpTo,
  });
  const tellStages = () => {
    const { lag, late, watermark, rejected: values } = aggregateSums(status.aggregate);
    const { rows = 0, rejected = 0 } = status.produce ?? {};
    const known = watermark === undefined ? {} : { watermark };
    server.live.status({ rejected: rejected + values, lag, late, ...known, ...totals.stages({ rows, rejected }) });
  };

  const counting = { connection, pipelines, groupId: flags.group, from: 'earliest' as const, untilEnd: false };
  stages.start('aggregate', async (stop) => {
    const onProgress = (progress: AggregateProgress) => {
      status.aggregate = progress;
      tellStages();
      changed.tell();
    };
    const stage = { ...counting, ...windowOptions(flags), clock: systemClock, logger: loggerOf('aggregate') };
    await runAggregate({ ...stage, onProgress }, stop);
  });

  status.serve = server;
  const view = openView();
  await (flags.once
    ? totals.begin(signal)
    : totals.begin(AbortSignal.any([signal, AbortSignal.timeout(settlePatience)])).catch(() => undefined));
  status.connection = 'live';

  const replay = async (stop: AbortSignal): Promise<ProduceSummary> => {
    const writer = flags.rejects === undefined ? undefined : await rejectWriter(flags.rejects);
    const sink = await topicSink({ connection });
    try {
      const { loop, limit, skip } = flags;
      const onProgress = (progress: Readonly<ProduceProgress>) => {
        status.produce = progress;
        tellStages();
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
