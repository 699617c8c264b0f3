import { Command } from 'commander';
import { systemClock } from '../runtime/clock.ts';
import { memoryStore } from '../store/memory.ts';
import { ensureResultTopics } from './aggregate-topics.ts';
import { checkHost, openServer, runServe } from './serve-stage.ts';
import { type StageContext, stageContext, wholeNumber, withSharedFlags } from './shared-flags.ts';

const examples = `
Examples:
  dashctl serve                              all pipelines, on http://127.0.0.1:5000
  dashctl serve --pipeline gender --port 0   one of them, on a free port
  dashctl serve --brokers kafka:9092         results that another machine counts`;

interface ServeFlags {
  port: number;
  host: string;
  insecure?: boolean;
}

export const serveCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    new Command('serve')
      .option('--port <port>', 'of the web page; 0 takes a free one', wholeNumber(0, 65_535), 5_000)
      .option('--host <address>', 'where the web page listens', '127.0.0.1')
      .option('--insecure', 'let other machines see the page: it has no login'),
  )
    .addHelpText('after', examples)
    .action((flags: ServeFlags, command: Command) => run({ ...stageContext(command), ...flags }, signal));

/** Serves the pages of the result topics until interrupted. */
export async function run(flags: StageContext & ServeFlags, signal: AbortSignal): Promise<void> {
  const { connection, pipelines, lang, port, host, insecure = false } = flags;
  const logger = flags.logger.child({ stage: 'serve' });
  checkHost(host, insecure);
  await ensureResultTopics(connection, pipelines);
  const store = memoryStore();
  const server = await openServer({ port, host, insecure, pipelines, store, lang, clock: systemClock, logger });
  const { live } = server;
  try {
    const onProgress = ({ lag }: { lag: number }) => live.status({ lag });
    await runServe({ connection, pipelines, store, live, logger, onProgress }, signal);
  } finally {
    await server.close();
    await store.close();
  }
}
