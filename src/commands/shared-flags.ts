import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { KafkaConnection } from '../kafka/connection.ts';
import { builtInPipelines, type Pipeline, pipelineSchema } from '../records/pipelines.ts';
import { type Config, defaultConfigFile, readConfig } from '../runtime/config.ts';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import { createLogger, type Logger, type LogLevel, logLevels } from '../runtime/logger.ts';

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

const configOf = (command: Command): Config => {
  const named: unknown = command.opts().config;
  return typeof named === 'string' ? readConfig(named, true) : readConfig(defaultConfigFile, false);
};

/** The word after `dashctl`, also of a subcommand. */
function stageOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? stageOf(parent) : command.name();
}

// Flags > environment > config file > defaults: the file fills only what neither a flag nor the environment set.
function applyConfig(command: Command): void {
  const config = configOf(command);
  const section = config[stageOf(command)];
  const values = { ...config, ...(typeof section === 'object' && !Array.isArray(section) ? section : {}) };
  for (const option of command.options) {
    const value = values[option.long?.slice(2) ?? ''] ?? values[option.attributeName()];
    const source = command.getOptionValueSource(option.attributeName());
    if (value === undefined || source === 'cli' || source === 'env') continue;
    command.setOptionValueWithSource(
      option.attributeName(),
      option.parseArg && typeof value !== 'boolean' ? option.parseArg(String(value), undefined) : value,
      'config',
    );
  }
}

/**
 * Reads the shared flags of a command that is about to run. With `capture`, log lines go there as JSON.
 * @throws DashctlError `USAGE` for an unknown pipeline, `FILE_NOT_FOUND` and `CONFIG_INVALID` for files that flags name.
 */
export function stageContext(command: Command, capture?: NodeJS.WritableStream): StageContext {
  const flags = command.opts();
  const color = flags.color !== false && !process.env.NO_COLOR;
  const logger = createLogger({
    level: flags.logLevel as LogLevel,
    format: capture || flags.logFormat === 'json' ? 'json' : 'pretty',
    color: color && process.stderr.isTTY === true,
    ...(capture ? { destination: capture } : {}),
  });
  return {
    logger,
    connection: {
      brokers: String(flags.brokers)
        .split(',')
        .map((broker) => broker.trim())
        .filter(Boolean),
      clientId: `dashctl-${stageOf(command)}`,
      ...sslOf(flags),
      ...saslOf(flags),
      logger,
    },
    pipelines: selectPipelines(allPipelines(configOf(command)), flags.pipeline),
    lang: flags.lang === 'en' ? 'en' : 'zh',
    color,
  };
}

/** The built-in pipelines and those of the config file, which may also replace a built-in one by its name. */
function allPipelines(config: Config): Pipeline[] {
  const byName = new Map(builtInPipelines.map((pipeline) => [pipeline.name, pipeline]));
  for (const [index, entry] of (config.pipelines ?? []).entries()) {
    const result = pipelineSchema.safeParse(entry);
    if (!result.success) {
      const [issue] = result.error.issues;
      throw new DashctlError('CONFIG_INVALID', `pipelines[${index}].${issue?.path.join('.')}: ${issue?.message}`, {
        hint: 'see "Configuration" in the README',
      });
    }
    byName.set(result.data.name, result.data);
  }
  return [...byName.values()];
}

function selectPipelines(all: Pipeline[], names: unknown): Pipeline[] {
  if (typeof names !== 'string') return all;
  return names.split(',').map((text) => {
    const name = text.trim();
    const pipeline = all.find((candidate) => candidate.name === name);
    if (pipeline) return pipeline;
    throw new DashctlError('USAGE', `unknown pipeline "${name}"`, {
      hint: `choose from: ${all.map((candidate) => candidate.name).join(', ')}`,
    });
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

const durationUnits: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A flag's parser for durations such as `500ms`, `1s`, `15m`, `30d`; the result is in ms. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = durationUnits[match?.[2] ?? ''];
  if (!match || unit === undefined)
    throw new InvalidArgumentError('expected a duration such as 500ms, 1s, 15m, 24h or 30d');
  return Math.round(Number(match[1]) * unit);
}
