import { Command } from 'commander';
import type { WindowStore } from '../records/window-store.ts';
import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import { memoryStore } from '../store/memory.ts';
import { ensureResultTopics } from './aggregate-topics.ts';
import { followedStore } from './followed-store.ts';
import { checkPageFlags, type PageFlags, withPageFlags } from './page-flags.ts';
import { withRecentWindows } from './recent-windows.ts';
import { openServer, runServe } from './serve-stage.ts';
import { type StageContext, stageContext, withSharedFlags } from './shared-flags.ts';
import { openNamedStore, withRetainFlag, withStoreFlag } from './store-flags.ts';

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
    .action((flags: ServeFlags, command: Command) => run({ ...stageContext(command), ...flags }, signal));

interface ServeFlags extends PageFlags {
  store?: string;
  retain?: number;
  readOnly?: boolean;
}

/** Serves the pages of the result topics until interrupted. */
export async function run(flags: StageContext & ServeFlags, signal: AbortSignal): Promise<void> {
  const { connection, pipelines, retain } = flags;
  const logger = flags.logger.child({ stage: 'serve' });
  checkPageFlags(flags);
  checkStoreFlags(flags);
  const store = await openPageStore(flags, signal);
  try {
    await ensureResultTopics(connection, pipelines);
    const server = await openServer({ ...flags, store, clock: systemClock, logger });
    const { live, reading } = server;
    try {
      const onProgress = ({ lag }: { lag: number }) => live.status({ lag });
      await runServe({ connection, pipelines, store, retain, live, reading, logger, onProgress }, signal);
    } finally {
      await server.close();
    }
  } finally {
    await store.close();
  }
}

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

async function openPageStore(flags: StageContext & ServeFlags, signal: AbortSignal): Promise<WindowStore> {
  const { store, readOnly = false, pipelines, logger } = flags;
  if (store === undefined) return memoryStore();
  const opened = await openNamedStore(store, { logger, readOnly });
  return withRecentWindows(readOnly ? followedStore(opened, { logger, signal }) : opened, pipelines);
}
