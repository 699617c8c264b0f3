import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Broker, startBroker } from '../broker/broker.ts';
import { type FsyncPolicy, fsyncPolicies } from '../broker/log/log-settings.ts';
import { DashctlError } from '../runtime/errors.ts';
import { isLoopback } from '../runtime/is-loopback.ts';
import type { Logger } from '../runtime/logger.ts';
import { whenAborted } from '../runtime/when-aborted.ts';
import { duration, stageContext, wholeNumber, withSharedFlags } from './shared/flags.ts';

export interface BrokerCommandOptions {
  dataDir: string;
  host: string;
  port: number;
  allowRemote: boolean;
  advertise: { host: string; port?: number } | undefined;
  fsync: FsyncPolicy;
  retention: number;
  retentionBytes: number;
  partitions: number;
  /** Undefined for no metrics. */
  metricsPort?: number;
  logger: Logger;
}

const week = 7 * 24 * 60 * 60 * 1000;

const examples = `
Examples:
  dashctl broker                                     for this machine, on 127.0.0.1:9092
  dashctl broker --metrics-port 9404                 with counters at http://127.0.0.1:9404/metrics
  kcat -b 127.0.0.1:9092 -L                          what it holds, with any Kafka client
  dashctl broker --host 0.0.0.0 --allow-remote --advertise 192.168.1.20`;

/** `dashctl broker`: the embedded broker alone, so that any Kafka client can use it. */
export const brokerCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    new Command('broker')
      .option('--data-dir <directory>', 'topics are kept in its folder "broker"', '.dashctl')
      .option('--port <port>', 'port to listen on, 0 for any', wholeNumber(0, 65_535), 9092)
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--allow-remote', 'let other machines connect: there is neither encryption nor a login')
      .option('--advertise <host[:port]>', 'what clients are told to connect to', hostAndPort)
      .addOption(
        new Option('--fsync <policy>', 'a record counts when the system has it, or the disk')
          .choices(fsyncPolicies)
          .default('os'),
      )
      .addOption(
        new Option('--retention <duration>', 'delete records that are older, or keep them "forever"')
          .argParser(retention)
          .default(week, '7d'),
      )
      .option('--retention-bytes <bytes>', 'delete the oldest records of a partition above this size', wholeNumber())
      .option('--partitions <n>', 'partitions of new topics', wholeNumber(1, 10_000), 1)
      .option(
        '--metrics-port <port>',
        'counters for Prometheus at http://127.0.0.1:<port>/metrics, 0 for any port (default: none)',
        wholeNumber(0, 65_535),
      ),
  )
    .addHelpText('after', examples)
    .action(async (_flags: unknown, command: Command) => {
      const { logger } = stageContext(command);
      const flags = command.opts();
      await run(
        {
          // The same place as that of `up`, so that the one goes on with what the other has.
          dataDir: join(String(flags.dataDir), 'broker'),
          host: String(flags.host),
          port: Number(flags.port),
          allowRemote: flags.allowRemote === true,
          advertise: flags.advertise as BrokerCommandOptions['advertise'],
          fsync: flags.fsync as FsyncPolicy,
          retention: Number(flags.retention),
          retentionBytes: Number(flags.retentionBytes ?? -1),
          partitions: Number(flags.partitions),
          ...(flags.metricsPort === undefined ? {} : { metricsPort: Number(flags.metricsPort) }),
          logger: logger.child({ stage: 'broker' }),
        },
        signal,
      );
    });

/**
 * Runs a broker until the signal aborts.
 * @throws DashctlError `USAGE` for an address that other machines reach without leave to, and what `startBroker` throws.
 */
export async function run(options: BrokerCommandOptions, signal: AbortSignal): Promise<void> {
  const { host, allowRemote, advertise, logger, ...rest } = options;
  checkAddress(options);
  const broker = await startBroker({ ...rest, host, logger, ...(advertise ? { advertise } : {}) });
  if (allowRemote) logger.warn('other machines can connect, read and delete everything: there is no login');
  logger.info(`ready on ${broker.address}, data in ${rest.dataDir}; use it with --brokers ${broker.address}`);
  if (broker.metricsUrl) logger.info(`metrics at ${broker.metricsUrl}`);
  await stopped(broker, signal);
}

async function stopped(broker: Broker, signal: AbortSignal): Promise<void> {
  try {
    await Promise.race([whenAborted(signal), broker.closed]);
  } finally {
    await broker.close();
  }
}

function checkAddress({ host, allowRemote, advertise }: BrokerCommandOptions): void {
  if (isLoopback(host)) return;
  if (!allowRemote) {
    throw new DashctlError('USAGE', `--host ${host} lets other machines connect`, {
      hint: 'add --allow-remote if that is meant: there is neither encryption nor a login',
    });
  }
  if (!advertise) {
    throw new DashctlError('USAGE', `--host ${host} needs --advertise`, {
      hint: 'name the address by which other machines reach this one, e.g. --advertise 192.168.1.20',
    });
  }
}

function hostAndPort(text: string): { host: string; port?: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^\s:]+)(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  if (!match?.[1] || (port !== undefined && (port < 1 || port > 65_535))) {
    throw new InvalidArgumentError('expected a host, or host:port');
  }
  const host = match[1].replace(/^\[(.*)\]$/, '$1');
  return port === undefined ? { host } : { host, port };
}

/** A duration, or `forever`. */
const retention = (text: string): number => (text === 'forever' ? -1 : duration(text));
