import { Command } from 'commander';
import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import { memoryStore } from '../store/memory.ts';
import { parseStoreLocation } from '../store/store-location.ts';
import type { StageStatus } from '../web/messages.ts';
import { ensureResultTopics } from './aggregate/topics.ts';
import { followedStore } from './serve/followed-store.ts';
import { checkPageFlags, type PageFlags, withPageFlags } from './serve/page-flags.ts';
import { type ReachableStore, reachableStore } from './serve/reachable-store.ts';
import { withRecentWindows } from './serve/recent-windows.ts';
import { openServer, runServe } from './serve/stage.ts';
import { type StageContext, stageContext, withSharedFlags } from './shared/flags.ts';
import { openNamedStore, withRetainFlag, withStoreFlag } from './shared/store-flags.ts';
import type { SinkProgress } from './sink/stage.ts';
import { type StageFaults, stageFaults } from './status/stage-faults.ts';
import { pipelineTopics } from './status/stage-status.ts';
import { statusReport } from './status/status-report.ts';

const examples = `
Without --store windows are kept in memory: the last hour of each pipeline, read anew from the topics at each start. With
it pages have their history after a restart too.

Examples:
  dashctl serve                              all pipelines, on http://127.0.0.1:5000
  dashctl serve --pipeline gender --port 0   one of them, on a free port
  dashctl serve --brokers kafka:9092         results that another machine counts
  dashctl serve --store sqlite:counts.db     keeps what it shows
  dashctl serve --host 0.0.0.0               for other machines too, with DASHCTL_TOKEN set
  dashctl serve --store postgres://me:secret@db/shop --read-only    shows what "dashctl sink" stores`;

export const serveCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    withRetainFlag(
      withStoreFlag(withPageFlags(new Command('serve')), { purpose: 'where windows are kept (default: memory)' }),
    ).option('--read-only', 'write nothing: "dashctl sink", or another serve, stores what comes'),
  )
    .addHelpText('after', examples)
    .action((flags: ServeFlags, command: Command) => {
      const faults = stageFaults();
      return run({ ...stageContext(command, { listener: faults.stream }), ...flags, faults }, signal);
    });

interface ServeRunOptions extends StageContext, ServeFlags {
  /** What the logger is heard to complain of. */
  faults: Pick<StageFaults, 'list'>;
}

interface ServeFlags extends PageFlags {
  store?: string;
  retain?: number;
  readOnly?: boolean;
}

/** Serves the pages of the result topics until interrupted. */
export async function run(flags: ServeRunOptions, signal: AbortSignal): Promise<void> {
  const { pipelines, retain } = flags;
  const logger = flags.logger.child({ stage: 'serve' });
  const connection = { ...flags.connection, logger };
  checkPageFlags(flags);
  checkStoreFlags(flags);
  const reached = await openPageStore(flags, signal);
  const store = flags.store === undefined ? reached.store : withRecentWindows(reached.store, pipelines);
  try {
    await ensureResultTopics(connection, pipelines);
    const server = await openServer({ ...flags, store, clock: systemClock, logger });
    const { live, reading } = server;
    let progress: Pick<SinkProgress, 'windows' | 'lag' | 'connected'> = { windows: 0, lag: 0, connected: true };
    const report = statusReport(live, () => serveStatus(flags, progress, reached, server.clients));
    try {
      const onProgress = (current: SinkProgress) => {
        progress = current;
        report.tellSoon();
      };
      await runServe({ connection, pipelines, store, retain, live, reading, logger, onProgress }, signal);
    } finally {
      report.close();
      await server.close();
    }
  } finally {
    await store.close();
  }
}

/** What pages are told by a process that only reads results: where records are, and how far they are stored. */
const serveStatus = (
  { connection, pipelines, store, readOnly = false, faults }: ServeRunOptions,
  { windows, lag, connected }: Pick<SinkProgress, 'windows' | 'lag' | 'connected'>,
  { reachable }: ReachableStore,
  pages: number,
): StageStatus => ({
  ...{ lag, pages, pipelines: pipelineTopics(pipelines), faults: faults.list },
  broker: { address: connection.brokers.join(','), embedded: false, reachable: connected },
  store: { kind: store === undefined ? 'memory' : parseStoreLocation(store).kind, readOnly, windows, lag, reachable },
});

function checkStoreFlags({ store, retain, readOnly }: ServeFlags): void {
  if (readOnly && store === undefined) {
    throw new DashctlError('USAGE', '--read-only needs --store', { hint: 'name the store that "dashctl sink" fills' });
  }
  if (readOnly && retain !== undefined) {
    throw new DashctlError('USAGE', '--read-only and --retain exclude each other', {
      hint: 'give --retain to whoever stores the windows',
    });
  }
}

async function openPageStore(flags: StageContext & ServeFlags, signal: AbortSignal): Promise<ReachableStore> {
  const { store, readOnly = false, logger } = flags;
  if (store === undefined) return reachableStore(memoryStore());
  const opened = await openNamedStore(store, { logger, readOnly });
  return reachableStore(readOnly ? followedStore(opened, { logger, signal }) : opened);
}
