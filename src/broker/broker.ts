import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { DashctlError, errnoOf, messageOf } from '../runtime/errors.ts';
import { keepYoungGenerationSmall, letHeapDouble } from '../runtime/lean-heap.ts';
import type { Logger } from '../runtime/logger.ts';
import { version } from '../runtime/version.ts';
import { clusterIdOf } from './cluster-id.ts';
import type { BrokerContext } from './context.ts';
import { createGroupCoordinator } from './group/coordinator.ts';
import { openJournal } from './group/journal.ts';
import { BufferPool } from './log/buffer-pool.ts';
import { lockDirectory } from './log/directory-lock.ts';
import { makeDirectory } from './log/durable-file.ts';
import type { FsyncPolicy } from './log/log-settings.ts';
import { CacheBudget } from './log/tail-cache.ts';
import { BrokerMetrics } from './metrics.ts';
import { metricsContentType, metricsText } from './metrics-text.ts';
import { createProducerIds } from './producer-ids.ts';
import { type Listener, listen } from './server/listener.ts';
import { type MetricsPort, openMetricsPort } from './server/metrics-port.ts';
import { Topics } from './topics/topics.ts';
import { createTransactionCoordinator } from './transaction/coordinator.ts';

export interface BrokerOptions {
  readonly dataDir: string;
  /** The address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** 0 for any free port. */
  readonly port: number;
  /** What clients are told to connect to; default: where it listens. */
  readonly advertise?: { readonly host: string; readonly port?: number };
  /** When a record counts as written; default `os`. */
  readonly fsync?: FsyncPolicy;
  /** Partitions of topics that come to be without saying how many; default 1. */
  readonly partitions?: number;
  /** Age in ms from which records of topics that do not say are deleted, -1 for never; default 7 days. */
  readonly retention?: number;
  /** Size of a partition from which the oldest records are deleted, -1 for any; default -1. */
  readonly retentionBytes?: number;
  /** Serves counters in Prometheus' form on this port of the loopback address, 0 for any; default: nowhere. */
  readonly metricsPort?: number;
  readonly logger: Logger;
  readonly clock?: Clock;
}

export interface BrokerStats {
  readonly topics: number;
  readonly partitions: number;
  readonly connections: number;
  /** Records on the disk, all topics together. */
  readonly logBytes: number;
  /** Since the broker started. */
  readonly recordsIn: number;
  readonly recordsOut: number;
}

/** A running broker. */
export interface Broker {
  /** Where clients connect to. */
  readonly host: string;
  readonly port: number;
  /** Both as `host:port`, for `--brokers`. */
  readonly address: string;
  /** Where the counters are served; undefined when they are not. */
  readonly metricsUrl: string | undefined;
  /** Resolves when the broker is closed, rejects when it can take no more connections. */
  readonly closed: Promise<void>;
  /** Answers what waits, brings everything to the disk and gives the directory back; takes a few seconds at most. */
  close(): Promise<void>;
  stats(): BrokerStats;
}

const week = 7 * 24 * 60 * 60 * 1000;
const maintenanceInterval = 60 * 1000;
const syncInterval = 1000;
const patience = 3000;
/** The responses and requests of two busy clients: eight partitions of a megabyte each. */
const mostIdleBytes = 16 * 1024 * 1024;

/**
 * Starts a Kafka broker on a directory, which is made when there is none.
 * @throws DashctlError `PORT_TAKEN`, `DATA_DIR_IN_USE`, `DATA_DIR_INVALID`, `DISK_FULL`.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host = '127.0.0.1', port, logger } = options;
  keepYoungGenerationSmall();
  letHeapDouble();
  const dataDir = resolve(options.dataDir);
  const unlock = await guarded(dataDir, () => {
    makeDirectory(dataDir);
    return lockDirectory(dataDir);
  });
  let listener: Listener | undefined;
  let metricsPort: MetricsPort | undefined;
  try {
    // The port first: a second broker should say so before it reads any log.
    listener = await listen(host, port);
    const opened = listener;
    if (options.metricsPort !== undefined) metricsPort = await openMetricsPort(options.metricsPort, metricsContentType);
    const scraped = metricsPort;
    return await guarded(dataDir, () => open(options, dataDir, opened, scraped, unlock));
  } catch (error) {
    await listener?.close(0);
    await metricsPort?.close();
    unlock();
    logger.debug(error, 'broker not started');
    throw error;
  }
}

/** Gives what goes wrong with a directory its code and hint. */
async function guarded<T>(dataDir: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const errno = errnoOf(error);
    if (error instanceof DashctlError || errno === undefined) throw error;
    if (errno === 'ENOSPC' || errno === 'EDQUOT') {
      throw new DashctlError('DISK_FULL', `no space left for ${dataDir}`, {
        hint: 'make room, then start again',
        cause: error,
      });
    }
    throw new DashctlError('DATA_DIR_INVALID', `cannot use ${dataDir}: ${messageOf(error)}`, {
      hint: 'check the path and its permissions, or choose another --data-dir',
      cause: error,
    });
  }
}

async function open(
  options: BrokerOptions,
  dataDir: string,
  listener: Listener,
  metricsPort: MetricsPort | undefined,
  unlock: () => void,
): Promise<Broker> {
  const { host = '127.0.0.1', fsync = 'os', partitions = 1, retention = week, retentionBytes = -1, logger } = options;
  const clock = options.clock ?? systemClock;
  const advertised = {
    host: options.advertise?.host ?? (host === 'localhost' ? '127.0.0.1' : host),
    port: options.advertise?.port ?? listener.port,
  };
  const clusterId = clusterIdOf(dataDir);
  const producerIds = createProducerIds(dataDir);
  const topics = Topics.open({
    dataDir,
    fsync,
    cacheBudget: new CacheBudget(),
    clock,
    logger,
    defaults: {
      ...(retention === week ? {} : { 'retention.ms': String(retention) }),
      ...(retentionBytes === -1 ? {} : { 'retention.bytes': String(retentionBytes) }),
    },
  });
  const journal = await openJournal({ file: join(dataDir, 'state.journal'), fsync, logger }).catch(async (error) => {
    await topics.close();
    throw error;
  });
  const groups = createGroupCoordinator({ journal, logger });
  const transactions = createTransactionCoordinator({ journal, topics, groups, producerIds, logger });
  await transactions.recover();
  const metrics = new BrokerMetrics();
  const context: BrokerContext = {
    topics,
    buffers: new BufferPool(mostIdleBytes),
    groups,
    transactions,
    metrics,
    producerIds,
    clusterId,
    dataDir,
    advertised,
    defaultPartitions: partitions,
    brokerConfig: {
      'advertised.listeners': `PLAINTEXT://${advertised.host}:${advertised.port}`,
      'auto.create.topics.enable': 'true',
      'default.replication.factor': '1',
      listeners: `PLAINTEXT://${host}:${listener.port}`,
      'log.dirs': dataDir,
      'log.retention.bytes': String(retentionBytes),
      'log.retention.ms': String(retention),
      'num.partitions': String(partitions),
    },
    logger,
    clock,
  };
  const timers = [setInterval(() => topics.maintain(), maintenanceInterval)];
  if (fsync === 'interval') timers.push(setInterval(() => void topics.sync(), syncInterval));
  const { promise: closed, resolve: resolveClosed, reject: fail } = Promise.withResolvers<void>();
  // Whoever does not look at it is not interested; without this the process would end.
  closed.catch(() => {});
  listener.serve(context, fail);
  const startedAt = clock.now();
  metricsPort?.serve(() =>
    metricsText({ metrics, topics: topics.all, connections: listener.connectionCount, version, startedAt }),
  );

  async function shutDown(): Promise<void> {
    for (const timer of timers) clearInterval(timer);
    groups.close();
    try {
      await listener.close(patience);
      await transactions.close();
      await topics.close();
      await journal.close();
      await metricsPort?.close();
    } finally {
      unlock();
    }
  }
  let closing: Promise<void> | undefined;
  return {
    ...advertised,
    address: `${advertised.host.includes(':') ? `[${advertised.host}]` : advertised.host}:${advertised.port}`,
    metricsUrl: metricsPort?.url,
    closed,
    close(): Promise<void> {
      closing ??= shutDown();
      closing.then(resolveClosed, fail);
      return closing;
    },
    stats: () => ({
      topics: topics.all.length,
      partitions: topics.all.reduce((total, topic) => total + topic.partitions.length, 0),
      connections: listener.connectionCount,
      logBytes: topics.all.flatMap((topic) => topic.partitions).reduce((total, log) => total + log.sizeBytes, 0),
      recordsIn: metrics.traffic.recordsIn,
      recordsOut: metrics.traffic.recordsOut,
    }),
  };
}
