import type { Logger } from '../runtime/logger.ts';

/** How to reach a Kafka cluster; shared by everything in this folder. */
export interface KafkaConnection {
  /** `host:port` of one or more brokers. */
  brokers: readonly string[];
  clientId: string;
  /** PEM texts; an empty object asks for TLS with the system's authorities. */
  ssl?: { ca?: string; cert?: string; key?: string };
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
  logger: Logger;
}
