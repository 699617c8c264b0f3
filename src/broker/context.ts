import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { GroupCoordinator } from './group/coordinator.ts';
import type { BufferPool } from './log/buffer-pool.ts';
import type { BrokerMetrics } from './metrics.ts';
import type { createProducerIds } from './producer-ids.ts';
import type { Topics } from './topics/topics.ts';
import type { TransactionCoordinator } from './transaction/coordinator.ts';

/** The one broker of the cluster. Not 0 or -1, which clients take for "none". */
export const brokerId = 1;

/** What an API's handler works with. */
export interface BrokerContext {
  readonly topics: Topics;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly metrics: BrokerMetrics;
  /** For what comes in and goes out in megabytes. */
  readonly buffers: BufferPool;
  readonly producerIds: ReturnType<typeof createProducerIds>;
  readonly clusterId: string;
  /** Where topics and groups are kept; absolute. */
  readonly dataDir: string;
  /** What clients are told to connect to. */
  readonly advertised: { readonly host: string; readonly port: number };
  /** Partitions of topics that come to be without saying how many. */
  readonly defaultPartitions: number;
  /** What the broker was started with, by the names that Apache Kafka has for it. */
  readonly brokerConfig: Readonly<Record<string, string>>;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** What a handler may want to know of the request besides its body. */
export interface Call {
  readonly version: number;
  /** As the client calls itself; empty when it does not. */
  readonly clientId: string;
  /** The peer's address, without its port. */
  readonly clientHost: string;
  /** Aborted when the socket is gone, or the broker stops: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Calls back when the answer has left, and with it the buffers that it was made of; never when it cannot leave. */
  onSent(callback: () => void): void;
}
