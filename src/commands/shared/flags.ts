import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { KafkaConnection } from '../../kafka/connection.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import { type ConfigFile, defaultConfigFile, invalidConfig, readConfig } from '../../runtime/config.ts';
import { parseDuration } from '../../runtime/duration.ts';
import { DashctlError, messageOf } from '../../runtime/errors.ts';
import { createLogger, type Logger, type LogLevel, logLevels } from '../../runtime/logger.ts';
import { configFaults } from '../config/faults.ts';
import { flagName, flagValue, isFlagValue } from '../config/flag-value.ts';
import { configSchema } from '../config/schema.ts';
import { allPipelines, selectPipelines } from '../config/select-pipelines.ts';

/** What every stage needs, made from the global flags, the environment and the config file. */
export interface StageContext {
  logger: Logger;
  connection: KafkaConnection;
  /** Those that `--pipeline` names, else all. */
  pipelines: Pipeline[];
  lang: 'zh' | 'en';
  color: boolean;
}

/**
 * Adds the flags that every command has; to be called last, so that they come last in its help.
 * `withoutBrokers` is what the help says of a command that is told none.
 */
export function withSharedFlags(command: Command, { withoutBrokers = '"localhost:9092"' } = {}): Command {
  return command
    .optionsGroup('Options of all commands:')
    .addOption(
      new Option('--brokers <host:port,...>', 'Kafka brokers')
        .env('DASHCTL_BROKERS')
        .default('localhost:9092', withoutBrokers),
    )
    .option('--config <file>', `config file (default: ${defaultConfigFile}, if there is one)`)
    .option('--ssl', 'connect with TLS')
    .option('--ssl-ca <file>', 'authority certificates, PEM')
    .option('--ssl-cert <file>', 'client certificate, PEM')
    .option('--ssl-key <file>', 'client key, PEM')
    .addOption(
      new Option('--sasl <mechanism>', 'log in, with DASHCTL_SASL_USERNAME and DASHCTL_SASL_PASSWORD').choices([
        'plain',
        'scram-sha-256',
        'scram-sha-512',
      ]),
    )
    .option('--pipeline <name,...>', 'only these pipelines (default: all)')
    .addOption(new Option('--log-level <level>', 'least severe line to log').choices(logLevels).default('info'))
    .addOption(new Option('--log-format <format>', 'how log lines look').choices(['pretty', 'json']).default('pretty'))
    .addOption(
      new Option('--lang <language>', 'language of pages and terminal view').choices(['zh', 'en']).default('zh'),
    )
    .option('--no-color', 'no colour (also: NO_COLOR)')
    .hook('preAction', (_, action) => applyConfig(action));
}

/** The config file that a command is to read; undefined when none is named and none is there. */
export function configOf(command: Command): ConfigFile | undefined {
  const named: unknown = command.opts().config;
  return typeof named === 'string' ? readConfig(named, true) : readConfig(defaultConfigFile, false);
}

/** The command of the word after `dashctl`, also for a subcommand. */
export function stageCommand(command: Command): Command {
  const { parent } = command;
  return parent?.parent ? stageCommand(parent) : command;
}

// Flags > environment > config file > defaults: the file fills only what neither a flag nor the environment set.
function applyConfig(command: Command): void {
  const file = configOf(command);
  if (!file) return;
  const stage = stageCommand(command);
  const faults = configFaults(file, configSchema([stage], { only: true }));
  if (faults.length > 0) throw invalidConfig(file.name, faults);
  const values = valuesOf(file, stage.name());
  for (const option of command.options) {
    const value = values.get(flagName(option));
    const source = command.getOptionValueSource(option.attributeName());
    if (!isFlagValue(value) || source === 'cli' || source === 'env') continue;
    command.setOptionValueWithSource(option.attributeName(), flagValue(option, value), 'config');
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The values of flags in a file that has been checked: at its top, and before them those for one command. */
function valuesOf({ content }: ConfigFile, stage: string): ReadonlyMap<string, unknown> {
  const top = isObject(content) ? content : {};
  const section = top[stage];
  return new Map(Object.entries({ ...top, ...(isObject(section) ? section : {}) }));
}

/** Where log lines go besides, or instead of, stderr. */
interface LogTargets {
  /** Takes the place of stderr, as JSON. */
  capture?: NodeJS.WritableStream | undefined;
  /** Is given warnings and errors as JSON lines as well. */
  listener?: NodeJS.WritableStream | undefined;
}

/**
 * Reads the shared flags of a command that is about to run.
 * @throws DashctlError `USAGE` for an unknown pipeline, `FILE_NOT_FOUND` and `CONFIG_INVALID` for files that flags name.
 */
export function stageContext(command: Command, targets?: LogTargets): StageContext {
  const flags = command.opts();
  const config = configOf(command);
  const logger = stageLogger(command, targets);
  return {
    logger,
    connection: {
      brokers: String(flags.brokers)
        .split(',')
        .map((broker) => broker.trim())
        .filter(Boolean),
      clientId: `dashctl-${stageCommand(command).name()}`,
      ...sslOf(flags),
      ...saslOf(flags),
      logger,
    },
    pipelines: selectPipelines(allPipelines(config && valuesOf(config, '').get('pipelines')), flags.pipeline),
    lang: flags.lang === 'en' ? 'en' : 'zh',
    color: hasColor(flags),
  };
}

const hasColor = (flags: Record<string, unknown>) => flags.color !== false && !process.env.NO_COLOR;

/** The logger of a command that is about to run. */
export function stageLogger(command: Command, { capture, listener }: LogTargets = {}): Logger {
  const flags = command.opts();
  return createLogger({
    level: flags.logLevel as LogLevel,
    format: capture || flags.logFormat === 'json' ? 'json' : 'pretty',
    color: hasColor(flags) && process.stderr.isTTY === true,
    ...(capture ? { destination: capture } : {}),
    listener,
  });
}

function sslOf(flags: Record<string, unknown>): Pick<KafkaConnection, 'ssl'> {
  const { ssl, sslCa, sslCert, sslKey } = flags;
  if (!ssl && !sslCa && !sslCert && !sslKey) return {};
  const pem = (file: unknown) => (typeof file === 'string' ? readPem(file) : undefined);
  const [ca, cert, key] = [pem(sslCa), pem(sslCert), pem(sslKey)];
  return { ssl: { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) } };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DashctlError('FILE_NOT_FOUND', `cannot read ${file}: ${messageOf(error)}`, { hint: 'check the path' });
  }
}

function saslOf(flags: Record<string, unknown>): Pick<KafkaConnection, 'sasl'> {
  const mechanism = flags.sasl;
  if (mechanism !== 'plain' && mechanism !== 'scram-sha-256' && mechanism !== 'scram-sha-512') return {};
  const { DASHCTL_SASL_USERNAME: username, DASHCTL_SASL_PASSWORD: password } = process.env;
  if (!username || !password) {
    throw new DashctlError('USAGE', '--sasl needs a user name and a password', {
      hint: 'set DASHCTL_SASL_USERNAME and DASHCTL_SASL_PASSWORD',
    });
  }
  return { sasl: { mechanism, username, password } };
}

/** A flag's parser for whole numbers from `least` up to `most`. */
export const wholeNumber =
  (least = 0, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(
        `expected a whole number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ' up'}`,
      );
    }
    return value;
  };

/** A flag's parser for durations such as `500ms`, `1s`, `15m`, `30d`; the result is in ms. */
export function duration(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new InvalidArgumentError('expected a duration such as 500ms, 1s, 15m, 24h or 30d');
  return value;
}
