import type { BrokerMetrics, Traffic } from './metrics.ts';
import { latencyBuckets } from './metrics.ts';
import type { Topic } from './topics/topics.ts';

/** What is known besides the counters, at the moment of asking. */
export interface MetricsSnapshot {
  readonly metrics: BrokerMetrics;
  readonly topics: readonly Topic[];
  readonly connections: number;
  readonly version: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

type Labels = Readonly<Record<string, string | number>>;
type Sample = readonly [labels: Labels, value: number];

/** What a scraper is told the text is. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The counters in Prometheus' text format 0.0.4. It is written here rather than by a client library: the format is two
 * lines of comment and one line a number, and a library would keep its own copy of each counter on the hot path.
 */
export function metricsText({ metrics, topics, connections, version, startedAt }: MetricsSnapshot): string {
  const perTopic = (value: (traffic: Traffic) => number): Sample[] =>
    topics.map(({ name, traffic }): Sample => [{ topic: name }, value(traffic)]);
  const apis = [...metrics.apis.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const perPartition = (value: (log: Topic['partitions'][number]) => number): Sample[] =>
    topics.flatMap(({ name, partitions }) =>
      partitions.map((log, partition): Sample => [{ topic: name, partition }, value(log)]),
    );
  return [
    family('build_info', 'gauge', 'The version of the broker.', [[{ version }, 1]]),
    family('start_time_seconds', 'gauge', 'When the broker started, in seconds since 1970.', [[{}, startedAt / 1_000]]),
    family('resident_memory_bytes', 'gauge', 'Memory of the process.', [[{}, process.memoryUsage.rss()]]),
    family('connections', 'gauge', 'Clients that are connected.', [[{}, connections]]),
    family('connections_total', 'counter', 'Clients that have connected.', [[{}, metrics.connections]]),
    family('connections_dropped_total', 'counter', 'Connections ended because of what came through them.', [
      [{}, metrics.droppedConnections],
    ]),
    family('topics', 'gauge', 'Topics there are.', [[{}, topics.length]]),
    family(
      'topic_records_in_total',
      'counter',
      'Records that producers have sent.',
      perTopic((t) => t.recordsIn),
    ),
    family(
      'topic_bytes_in_total',
      'counter',
      'Bytes of their batches, compressed as sent.',
      perTopic((t) => t.bytesIn),
    ),
    family(
      'topic_records_out_total',
      'counter',
      'Records in the batches that consumers were sent; a batch is sent whole.',
      perTopic((t) => t.recordsOut),
    ),
    family(
      'topic_bytes_out_total',
      'counter',
      'Bytes of those batches.',
      perTopic((t) => t.bytesOut),
    ),
    family(
      'log_bytes',
      'gauge',
      'Size of a partition on the disk.',
      perPartition((log) => log.sizeBytes),
    ),
    family(
      'log_start_offset',
      'gauge',
      'The first offset that can be read.',
      perPartition((log) => log.startOffset),
    ),
    family(
      'log_end_offset',
      'gauge',
      'The offset of the next record.',
      perPartition((log) => log.highWatermark),
    ),
    family(
      'requests_total',
      'counter',
      'Requests that were answered.',
      apis.map(({ name, requests }): Sample => [{ api: name }, requests]),
    ),
    family(
      'request_errors_total',
      'counter',
      "Error codes in answers, by Kafka's numbers; an answer may carry several.",
      apis.flatMap(({ name, errors }) =>
        [...errors].sort(([a], [b]) => a - b).map(([code, count]): Sample => [{ api: name, code }, count]),
      ),
    ),
    histogram(
      'request_duration_seconds',
      'From the arrival of a request until its answer is ready; that of Fetch and JoinGroup includes waiting.',
      apis.map(({ name, buckets, time }) => ({ labels: { api: name }, buckets, sum: time / 1_000 })),
    ),
  ].join('');
}

const fullName = (name: string) => `dashctl_broker_${name}`;

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  return `${heading(name, type, help)}${samples.map(([labels, value]) => line(name, labels, value)).join('')}`;
}

const heading = (name: string, type: string, help: string) =>
  `# HELP ${fullName(name)} ${help}\n# TYPE ${fullName(name)} ${type}\n`;

interface Distribution {
  labels: Labels;
  buckets: readonly number[];
  sum: number;
}

function histogram(name: string, help: string, distributions: readonly Distribution[]): string {
  const lines = distributions.flatMap(({ labels, buckets, sum }) => {
    let total = 0;
    const cumulative = buckets.map((count, index) => {
      total += count;
      return line(`${name}_bucket`, { ...labels, le: latencyBuckets[index] ?? '+Inf' }, total);
    });
    return [...cumulative, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)];
  });
  return `${heading(name, 'histogram', help)}${lines.join('')}`;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(String(text))}"`);
  return `${fullName(name)}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
}

const escaped = (text: string) => text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
