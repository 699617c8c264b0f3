import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import { type Api, errorCodes, findCoordinatorApi, metadataApi } from './apis.ts';
import { type BrokerLink, openLink } from './broker-link.ts';
import type { KafkaConnection } from './connection.ts';
import { isLasting, refusal, toDashctlError } from './errors.ts';

export interface PartitionLeader {
  partition: number;
  /** Node id, or -1 while there is none. */
  leader: number;
}

export interface ClusterMetadata {
  /** Ids of the brokers that are there. */
  nodes: readonly number[];
  controllerId: number;
  /** Partitions in ascending order, of topics that exist. */
  topics: ReadonlyMap<string, readonly PartitionLeader[]>;
}

/** A cluster, known by its bootstrap brokers. Errors of its methods are translated; none of them retries for long. */
export interface KafkaClient {
  /** Topics that exist and their leaders: those named, or all when no list is given, Kafka's own only with `internal`. */
  metadata(topics?: readonly string[], options?: { internal?: boolean }): Promise<ClusterMetadata>;
  /** Sends a small request to a broker by its node id, or to any broker. */
  call<Args extends object, Reply>(node: number | 'any', api: Api<Args, Reply>, args: Args): Promise<Reply>;
  /** The node that coordinates a consumer group, or the transactions of a transactional id. */
  coordinator(id: string, of?: 'group' | 'transactions'): Promise<number>;
  /** A connection to a broker that is the caller's own: one that long polls, say, must not keep others waiting. */
  open(node: number): Promise<BrokerLink>;
  close(): void;
}

const connectTimeout = 2_000;
// Someone who starts a broker and a stage in one go should not have to time it.
const firstConnectPatience = 2_000;
const firstConnectPause = 250;

/**
 * Connects to a cluster: the first of the bootstrap brokers that answers tells of the others.
 * @throws DashctlError `BROKER_UNREACHABLE` after two seconds without one, unless told to be more patient, `BROKER_REFUSED` for TLS and login.
 */
export async function connectClient(
  connection: KafkaConnection,
  signal?: AbortSignal,
  patience = firstConnectPatience,
): Promise<KafkaClient> {
  const client = clientOf(connection);
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      await client.metadata([]);
      return client;
    } catch (error) {
      const next = Date.now() + firstConnectPause;
      if (isLasting(error) || next > deadline || signal?.aborted) {
        client.close();
        throw error;
      }
      await systemClock.sleepUntil(next, signal);
    }
  }
}

function clientOf(connection: KafkaConnection): KafkaClient {
  const addresses = new Map<number, { host: string; port: number }>();
  const links = new Map<string, Promise<BrokerLink>>();
  const own = new Set<BrokerLink>();
  let closed = false;

  const openTo = async (host: string, port: number) => {
    const link = await openLink(connection, host, port, connectTimeout);
    for (const other of own) if (!other.isOpen()) own.delete(other);
    if (closed) link.close();
    own.add(link);
    return link;
  };

  /** The shared connection to an address, opened when there is none. */
  const linkTo = async (host: string, port: number): Promise<BrokerLink> => {
    const address = `${host}:${port}`;
    const present = links.get(address);
    if (present) {
      const link = await present.catch(() => undefined);
      if (link?.isOpen()) return link;
      if (links.get(address) === present) links.delete(address);
    }
    const opening = links.get(address) ?? openTo(host, port);
    links.set(address, opening);
    return await opening;
  };

  const addressOf = (node: number) => {
    const address = addresses.get(node);
    if (address) return address;
    throw new DashctlError('BROKER_UNREACHABLE', `the cluster does not say where its broker ${node} is`);
  };

  /** Tries known brokers, then the bootstrap ones, until one of them answers. */
  const withAny = async <T>(use: (link: BrokerLink) => Promise<T>): Promise<T> => {
    let failure: unknown;
    for (const { host, port } of [...addresses.values(), ...connection.brokers.map(parseAddress)]) {
      if (closed) break;
      try {
        return await use(await linkTo(host, port));
      } catch (error) {
        // Of several brokers that fail, one that refuses says more than one that is away.
        if (failure === undefined || isLasting(error)) failure = error;
      }
    }
    throw failure ?? new DashctlError('BROKER_UNREACHABLE', 'the Kafka client is closed');
  };

  const translated = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toDashctlError(error, connection);
    }
  };

  return {
    metadata: (topics, { internal = false } = {}) =>
      translated(async () => {
        const args = { topics: topics ?? [], allowAutoTopicCreation: false };
        const reply = await withAny((link) => link.call(metadataApi, args));
        addresses.clear();
        for (const { nodeId, host, port } of reply.brokers) addresses.set(nodeId, { host, port });
        const found = reply.topicMetadata.filter(
          (topic) => isPresent(topic) && (topics || internal || !topic.isInternal),
        );
        return {
          nodes: reply.brokers.map(({ nodeId }) => nodeId),
          controllerId: reply.controllerId,
          topics: new Map(found.map((topic) => [topic.topic, leadersOf(topic)])),
        };
      }),
    call: (node, api, args) =>
      translated(async () => {
        if (node === 'any') return await withAny((link) => link.call(api, args));
        const { host, port } = addressOf(node);
        return await (await linkTo(host, port)).call(api, args);
      }),
    coordinator: (id, of = 'group') =>
      translated(async () => {
        const args = { groupId: id, coordinatorType: of === 'group' ? 0 : 1 } as const;
        const { errorCode, coordinator } = await withAny((link) => link.call(findCoordinatorApi, args));
        if (errorCode !== errorCodes.none) throw refusal(`no coordinator of ${of} ${id}`, errorCode);
        addresses.set(coordinator.nodeId, coordinator);
        return coordinator.nodeId;
      }),
    open: (node) =>
      translated(async () => {
        const { host, port } = addressOf(node);
        return await openTo(host, port);
      }),
    close() {
      closed = true;
      for (const link of own) link.close();
    },
  };
}

interface TopicReply {
  topicErrorCode: number;
  partitionMetadata: { partitionId: number; leader: number }[];
}

// A topic without an error exists; so does one whose leaders are being chosen.
const isPresent = ({ topicErrorCode }: TopicReply) =>
  topicErrorCode === errorCodes.none || topicErrorCode === errorCodes.leaderNotAvailable;

const leadersOf = ({ partitionMetadata }: TopicReply): PartitionLeader[] =>
  partitionMetadata
    .map(({ partitionId, leader }) => ({ partition: partitionId, leader }))
    .sort((a, b) => a.partition - b.partition);

/** `host:port`, `[v6]:port` or a host alone, which means Kafka's own port. */
function parseAddress(address: string): { host: string; port: number } {
  const match = /^\[?(.*?)\]?(?::(\d{1,5}))?$/.exec(address);
  const host = match?.[1] ?? '';
  const port = Number(match?.[2] ?? 9092);
  if (host && port > 0 && port < 65_536) return { host, port };
  throw new DashctlError('USAGE', `"${address}" is not a broker address`, { hint: 'give --brokers host:port,…' });
}
