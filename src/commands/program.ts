import { Command } from 'commander';
import { invalidConfig } from '../runtime/config.ts';
import { keepHeapLean } from '../runtime/lean-heap.ts';
import { version } from '../runtime/version.ts';

interface CommandEntry {
  summary: string;
  /** It runs beside others for long, and what it reads is gone at once: V8 is told to be sparing. */
  isLean?: boolean;
  load: (signal: AbortSignal) => Promise<Command>;
}

// A command is loaded only when it runs: `--version` and `tail` do not pay for React or the broker.
const commands: Record<string, CommandEntry> = {
  up: {
    summary: 'all stages in one process, with a web page and a terminal view',
    load: async (signal) => (await import('./up.ts')).upCommand(signal),
  },
  produce: {
    summary: 'replay the rows of a CSV into the source topics',
    load: async (signal) => (await import('./produce.ts')).produceCommand(signal),
  },
  aggregate: {
    summary: 'count source topics in windows, into the result topics',
    isLean: true,
    load: async (signal) => (await import('./aggregate.ts')).aggregateCommand(signal),
  },
  sink: {
    summary: 'store the result topics in a database, each window exactly once',
    isLean: true,
    load: async (signal) => (await import('./sink.ts')).sinkCommand(signal),
  },
  serve: {
    summary: 'serve the live pages of the result topics',
    isLean: true,
    load: async (signal) => (await import('./serve.ts')).serveCommand(signal),
  },
  tail: {
    summary: 'print the records of a topic',
    load: async (signal) => (await import('./tail.ts')).tailCommand(signal),
  },
  topics: {
    summary: 'list, describe, create and delete topics, with the lag of their readers',
    load: async (signal) => (await import('./topics.ts')).topicsCommand(signal),
  },
  broker: {
    summary: 'run the embedded broker alone, for any Kafka client',
    load: async (signal) => (await import('./broker.ts')).brokerCommand(signal),
  },
  verify: {
    summary: 'prove that CSV, source topics and windows agree, or show where they differ',
    load: async (signal) => (await import('./verify.ts')).verifyCommand(signal),
  },
  export: {
    summary: 'write stored windows as CSV or JSON lines',
    load: async (signal) => (await import('./export.ts')).exportCommand(signal),
  },
  generate: {
    summary: 'write a synthetic user_log.csv',
    load: async (signal) => (await import('./generate.ts')).generateCommand(signal),
  },
  config: {
    summary: 'check a config file, or print what one may hold',
    load: async (signal) => (await import('./config.ts')).configCommand(() => loadCommands(signal)),
  },
};

const examples = `
Examples:
  dashctl up                                   the bundled sample, live on http://127.0.0.1:5000
  dashctl up data/user_log.csv --rate 100      your own file
  dashctl produce data/user_log.csv            one stage, against --brokers
  dashctl tail result -o start                 what a topic holds
  dashctl topics                               which topics there are
  dashctl sink --store sqlite:counts.db        keep the results
  dashctl verify data/user_log.csv             is every row counted once?
  dashctl config check                         whether dashctl.json is as it should be

"dashctl <command> --help" lists a command's flags.`;

/** All commands that have flags a config file may give. */
const loadCommands = (signal: AbortSignal, isWanted = (name: string) => name !== 'config'): Promise<Command[]> =>
  Promise.all(
    Object.entries(commands)
      .filter(([name]) => isWanted(name))
      .map(([, { load }]) => load(signal)),
  );

/**
 * Checks what the config file of a command holds for others. Those that have a section are loaded for it; names that
 * are still not known then are flags of the rest or slips of the pen, and only they have all commands loaded.
 */
async function checkConfig(action: Command, signal: AbortSignal): Promise<void> {
  if (!action.options.some(({ long }) => long === '--config')) return;
  const { configOf, stageCommand } = await import('./shared/flags.ts');
  const file = configOf(action);
  if (!file) return;
  const { configSchema } = await import('./config/schema.ts');
  const { configFaults } = await import('./config/faults.ts');
  const stage = stageCommand(action);
  const sections = new Set(Object.keys(file.content ?? {}));
  const named = await loadCommands(signal, (name) => sections.has(name) && name !== stage.name());
  if (configFaults(file, configSchema([stage, ...named])).length === 0) return;
  const faults = configFaults(file, configSchema(await loadCommands(signal)));
  if (faults.length > 0) throw invalidConfig(file.name, faults);
}

/** The command line, with the one command loaded that the arguments name. */
export async function program(args: readonly string[], signal: AbortSignal): Promise<Command> {
  const root = new Command('dashctl')
    .description('Shopping logs, any CSV or any Kafka topic as live per-second dashboards.')
    .version(version, '-V, --version')
    .helpCommand('help [command]', 'flags and examples of a command')
    .addHelpText('after', examples)
    .exitOverride()
    .hook('preAction', (_, action) => checkConfig(action, signal));
  const named = args[0] === 'help' ? args[1] : args[0];
  for (const [name, entry] of Object.entries(commands)) {
    // Loading alone lets V8 take room that it does not give back.
    if (name === named && entry.isLean) keepHeapLean();
    const command = name === named ? await entry.load(signal) : new Command(name);
    // Settings of the root are inherited only by commands that it creates itself.
    root.addCommand(command.summary(entry.summary).copyInheritedSettings(root));
    for (const subcommand of command.commands) subcommand.copyInheritedSettings(root);
  }
  return root;
}
