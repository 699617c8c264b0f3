import type { LogSettings } from '../log/log-settings.ts';

export type ConfigType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list';

interface ConfigEntry {
  readonly type: ConfigType;
  readonly value: string;
  /** Least and greatest number, or the allowed words. */
  readonly least?: number;
  readonly most?: number;
  readonly words?: readonly string[];
}

const minute = 60 * 1000;
const day = 24 * 60 * minute;
const forever = '9223372036854775807';

/**
 * Every topic configuration that Apache Kafka knows, with its default. All are kept and shown, so that tools and
 * clients which set them work; `logSettings` names those that act here.
 */
export const topicConfigs: Readonly<Record<string, ConfigEntry>> = {
  'cleanup.policy': { type: 'list', value: 'delete', words: ['delete', 'compact'] },
  'compression.gzip.level': { type: 'int', value: '-1' },
  'compression.lz4.level': { type: 'int', value: '9' },
  'compression.type': {
    type: 'string',
    value: 'producer',
    words: ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'],
  },
  'compression.zstd.level': { type: 'int', value: '3' },
  'delete.retention.ms': { type: 'long', value: String(day), least: 0 },
  'file.delete.delay.ms': { type: 'long', value: String(minute), least: 0 },
  'flush.messages': { type: 'long', value: forever, least: 1 },
  'flush.ms': { type: 'long', value: forever, least: 0 },
  'follower.replication.throttled.replicas': { type: 'list', value: '' },
  'index.interval.bytes': { type: 'int', value: '4096', least: 0 },
  'leader.replication.throttled.replicas': { type: 'list', value: '' },
  'local.retention.bytes': { type: 'long', value: '-2', least: -2 },
  'local.retention.ms': { type: 'long', value: '-2', least: -2 },
  'max.compaction.lag.ms': { type: 'long', value: forever, least: 1 },
  'max.message.bytes': { type: 'int', value: '1048588', least: 0 },
  'message.timestamp.after.max.ms': { type: 'long', value: forever, least: 0 },
  'message.timestamp.before.max.ms': { type: 'long', value: forever, least: 0 },
  'message.timestamp.type': { type: 'string', value: 'CreateTime', words: ['CreateTime', 'LogAppendTime'] },
  'min.cleanable.dirty.ratio': { type: 'double', value: '0.5', least: 0, most: 1 },
  'min.compaction.lag.ms': { type: 'long', value: '0', least: 0 },
  'min.insync.replicas': { type: 'int', value: '1', least: 1 },
  preallocate: { type: 'boolean', value: 'false' },
  'remote.storage.enable': { type: 'boolean', value: 'false' },
  'retention.bytes': { type: 'long', value: '-1', least: -1 },
  'retention.ms': { type: 'long', value: String(7 * day), least: -1 },
  'segment.bytes': { type: 'int', value: String(128 * 1024 * 1024), least: 1024 },
  'segment.index.bytes': { type: 'int', value: '10485760', least: 4 },
  'segment.jitter.ms': { type: 'long', value: '0', least: 0 },
  'segment.ms': { type: 'long', value: String(7 * day), least: 1 },
  'unclean.leader.election.enable': { type: 'boolean', value: 'false' },
};

/** A value as the protocol carries it, for a configuration that a topic sets; `undefined` removes it. */
export type TopicConfig = Readonly<Record<string, string>>;

/** What is wrong with a configuration; null when nothing is. */
export function faultOfConfig(config: TopicConfig): string | null {
  for (const [name, value] of Object.entries(config)) {
    const entry = Object.hasOwn(topicConfigs, name) ? topicConfigs[name] : undefined;
    if (!entry) return `Unknown topic config name: ${name}`;
    if (!isValid(entry, value)) return `Invalid value ${value} for configuration ${name}`;
  }
  return null;
}

function isValid({ type, words, least, most = Number.POSITIVE_INFINITY }: ConfigEntry, value: string): boolean {
  switch (type) {
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'int':
    case 'long':
      return /^[+-]?\d{1,19}$/.test(value) && Number(value) >= (least ?? Number.NEGATIVE_INFINITY);
    case 'double':
      return value.trim() !== '' && Number(value) >= (least ?? Number.NEGATIVE_INFINITY) && Number(value) <= most;
    case 'list':
      return !words || (value !== '' && value.split(',').every((word) => words.includes(word.trim())));
    default:
      return !words || words.includes(value);
  }
}

/** The part of a configuration that acts on logs, with defaults for what is not set. */
export function logSettings(config: TopicConfig, defaults: TopicConfig): LogSettings {
  const setting = (name: string) => config[name] ?? defaults[name] ?? topicConfigs[name]?.value ?? '';
  return {
    retentionMs: Number(setting('retention.ms')),
    retentionBytes: Number(setting('retention.bytes')),
    segmentBytes: Number(setting('segment.bytes')),
    segmentMs: Number(setting('segment.ms')),
    maxMessageBytes: Number(setting('max.message.bytes')),
    usesLogAppendTime: setting('message.timestamp.type') === 'LogAppendTime',
    deletesOldRecords: setting('cleanup.policy').includes('delete'),
    isCompacted: setting('cleanup.policy').includes('compact'),
    deleteRetentionMs: Number(setting('delete.retention.ms')),
    minCleanableDirtyRatio: Number(setting('min.cleanable.dirty.ratio')),
    minCompactionLagMs: Number(setting('min.compaction.lag.ms')),
    maxCompactionLagMs: Number(setting('max.compaction.lag.ms')),
  };
}
