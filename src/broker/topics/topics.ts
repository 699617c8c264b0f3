import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DashctlError, messageOf } from '../../runtime/errors.ts';
import { makeDirectory, readJson, syncDirectory, writeJson } from '../log/durable-file.ts';
import type { LogSettings } from '../log/log-settings.ts';
import { type LogOptions, PartitionLog } from '../log/partition-log.ts';
import { Traffic } from '../metrics.ts';
import { logSettings, type TopicConfig } from './topic-config.ts';

export interface Topic {
  readonly name: string;
  /** 32 hexadecimal digits. A topic that is made anew under an old name gets another id. */
  readonly id: string;
  /** What was set; everything else has its default. */
  readonly config: TopicConfig;
  /** The same with defaults, as the logs act on it. */
  readonly settings: LogSettings;
  readonly partitions: readonly PartitionLog[];
  readonly traffic: Traffic;
}

interface KeptTopic {
  name: string;
  id: string;
  partitions: number;
  config: TopicConfig;
}

class LiveTopic implements Topic {
  readonly name: string;
  readonly id: string;
  readonly partitions: PartitionLog[] = [];
  readonly traffic = new Traffic();
  readonly #defaults: TopicConfig;
  #config: TopicConfig;
  #settings: LogSettings;

  constructor({ name, id, config }: KeptTopic, defaults: TopicConfig) {
    this.name = name;
    this.id = id;
    this.#defaults = defaults;
    this.#config = config;
    this.#settings = logSettings(config, defaults);
  }

  get config(): TopicConfig {
    return this.#config;
  }

  set config(config: TopicConfig) {
    this.#config = config;
    this.#settings = logSettings(config, this.#defaults);
  }

  get settings(): LogSettings {
    return this.#settings;
  }
}

export interface TopicsOptions extends Omit<LogOptions, 'directory' | 'settings'> {
  readonly dataDir: string;
  /** Topic configuration of this broker, for topics that do not set it. */
  readonly defaults: TopicConfig;
}

/** 1 to 249 of letters, digits, dot, underscore and hyphen. */
export const isTopicName = (name: string): boolean => /^[A-Za-z0-9._-]{1,249}$/.test(name) && !/^\.\.?$/.test(name);

/** All topics and their logs. Changes are on the disk before they are seen. */
export class Topics {
  readonly #options: TopicsOptions;
  readonly #file: string;
  readonly #logDirectory: string;
  readonly #byName = new Map<string, LiveTopic>();
  readonly #byId = new Map<string, LiveTopic>();
  #compacting: Promise<void> | null = null;

  private constructor(options: TopicsOptions) {
    this.#options = options;
    this.#file = join(options.dataDir, 'topics.json');
    this.#logDirectory = join(options.dataDir, 'p');
    makeDirectory(this.#logDirectory);
    const kept = this.#readKept();
    this.#removeOrphans(kept);
    for (const topic of kept) this.#add(new LiveTopic(topic, options.defaults), topic.partitions);
    syncDirectory(this.#logDirectory);
  }

  /**
   * Opens the topics of a data directory. Blocks while logs that were not closed in order are checked.
   * @throws DashctlError `DATA_DIR_INVALID` when the list of topics cannot be read.
   */
  static open(options: TopicsOptions): Topics {
    return new Topics(options);
  }

  #readKept(): KeptTopic[] {
    const content = readJson(this.#file);
    if (content === undefined && !existsSync(this.#file)) return [];
    if (isTopicList(content)) return content.topics;
    throw new DashctlError('DATA_DIR_INVALID', `${this.#file} is not a list of topics`, {
      hint: 'restore the file from a backup, or choose another --data-dir',
    });
  }

  // Of topics that were deleted just before a crash, or that a crash kept from being listed.
  #removeOrphans(kept: readonly KeptTopic[]): void {
    const ids = new Set(kept.map(({ id }) => id));
    for (const directory of readdirSync(this.#logDirectory)) {
      const id = /^([0-9a-f]{32})-\d+$/.exec(directory)?.[1];
      if (id && !ids.has(id)) rmSync(join(this.#logDirectory, directory), { recursive: true, force: true });
    }
  }

  #add(topic: LiveTopic, partitionCount: number): void {
    this.#addLogs(topic, partitionCount);
    this.#byName.set(topic.name, topic);
    this.#byId.set(topic.id, topic);
  }

  #addLogs(topic: LiveTopic, partitionCount: number): void {
    const { fsync, cacheBudget, clock, logger } = this.#options;
    while (topic.partitions.length < partitionCount) {
      const partition = topic.partitions.length;
      topic.partitions.push(
        PartitionLog.open({
          directory: join(this.#logDirectory, `${topic.id}-${partition}`),
          settings: () => topic.settings,
          fsync,
          cacheBudget,
          clock,
          logger: logger.child({ topic: topic.name, partition }),
        }),
      );
    }
  }

  #save(change: { without?: string; with?: KeptTopic } = {}): void {
    const topics = [...this.#byName.values()]
      .filter(({ name }) => name !== change.without && name !== change.with?.name)
      .map(({ name, id, partitions, config }): KeptTopic => ({ name, id, partitions: partitions.length, config }));
    writeJson(this.#file, { version: 1, topics: change.with ? [...topics, change.with] : topics });
  }

  /** Topic configuration of this broker, for topics that do not set it. */
  get defaults(): TopicConfig {
    return this.#options.defaults;
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  getById(id: string): Topic | undefined {
    return this.#byId.get(id);
  }

  /** By name. */
  get all(): Topic[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Makes a topic; the caller has checked that name and configuration are right and new. */
  create(name: string, partitionCount: number, config: TopicConfig): Topic {
    const kept = { name, id: randomBytes(16).toString('hex'), partitions: partitionCount, config };
    const topic = new LiveTopic(kept, this.#options.defaults);
    this.#save({ with: kept });
    try {
      this.#add(topic, partitionCount);
      // The logs bring what is in their directories to the disk, not these themselves.
      syncDirectory(this.#logDirectory);
    } catch (error) {
      this.#save();
      throw error;
    }
    return topic;
  }

  /** Deletes a topic with its records; readers that wait for them are woken. */
  delete({ name, id, partitions }: Topic): void {
    this.#save({ without: name });
    this.#byName.delete(name);
    this.#byId.delete(id);
    for (const log of partitions) {
      log.remove().catch((error: unknown) => this.#options.logger.warn(error, `cannot delete all files of ${name}`));
    }
  }

  /** Gives a topic more partitions. */
  grow({ name }: Topic, partitionCount: number): void {
    const topic = this.#byName.get(name);
    if (!topic) return;
    this.#save({ with: { name, id: topic.id, partitions: partitionCount, config: topic.config } });
    this.#addLogs(topic, partitionCount);
    syncDirectory(this.#logDirectory);
  }

  /** Replaces what a topic sets of its configuration. */
  configure({ name }: Topic, config: TopicConfig): void {
    const topic = this.#byName.get(name);
    if (!topic) return;
    this.#save({ with: { name, id: topic.id, partitions: topic.partitions.length, config } });
    topic.config = config;
  }

  /** What is due each minute. */
  maintain(): void {
    for (const log of this.#logs) {
      try {
        log.maintain();
      } catch (error) {
        this.#options.logger.warn(error, 'cannot delete old records');
      }
    }
    this.#compacting ??= this.#compact().finally(() => {
      this.#compacting = null;
    });
  }

  // One log after the other: it takes memory for the keys, and the disk is one.
  async #compact(): Promise<void> {
    for (const topic of [...this.#byName.values()]) {
      for (const log of topic.partitions) {
        await log.compact().catch((error: unknown) => {
          this.#options.logger.warn(`cannot compact ${topic.name}: ${messageOf(error)}`);
        });
      }
    }
  }

  get #logs(): PartitionLog[] {
    return [...this.#byName.values()].flatMap(({ partitions }) => partitions);
  }

  /** Syncs all that was written since the last time. */
  async sync(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.sync()));
  }

  /** Closes all logs so that the next start need not check them. */
  async close(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.close()));
  }
}

const isTopicList = (value: unknown): value is { topics: KeptTopic[] } =>
  typeof value === 'object' &&
  value !== null &&
  'topics' in value &&
  Array.isArray(value.topics) &&
  value.topics.every(
    (topic: Partial<Record<keyof KeptTopic, unknown>> | null) =>
      typeof topic?.name === 'string' &&
      /^[0-9a-f]{32}$/.test(String(topic.id)) &&
      Number.isInteger(topic.partitions) &&
      typeof topic.config === 'object',
  );
