import { type ConfigType, type TopicConfig, topicConfigs } from './topic-config.ts';

/** Where a value comes from, as the protocol numbers it. */
const sources = { topic: 1, staticBroker: 4, default: 5 } as const;

const typeNumbers: Record<ConfigType, number> = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 };

interface Synonym {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

export interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  /** All places that give a value, the one that counts first. */
  readonly synonyms: readonly Synonym[];
  readonly configType: number;
}

/** All configurations of a topic that sets `config`, on a broker that sets `defaults`; the known ones among `names`. */
export function describeTopicConfig(
  config: TopicConfig,
  defaults: TopicConfig,
  names: readonly string[] | null = null,
): DescribedConfig[] {
  return Object.entries(topicConfigs)
    .filter(([name]) => names === null || names.includes(name))
    .map(([name, entry]) => {
      const synonyms = [
        ...synonym(name, config[name], sources.topic),
        ...synonym(name, defaults[name], sources.staticBroker),
        { name, value: entry.value, source: sources.default },
      ];
      const [{ value, source } = { value: entry.value, source: sources.default as number }] = synonyms;
      return {
        name,
        value,
        readOnly: false,
        configSource: source,
        isSensitive: false,
        synonyms,
        configType: typeNumbers[entry.type],
      };
    });
}

const synonym = (name: string, value: string | undefined, source: number): Synonym[] =>
  value === undefined ? [] : [{ name, value, source }];

/** What the broker itself is set to: names as Apache Kafka's brokers have them. */
export function describeBrokerConfig(
  config: Readonly<Record<string, string>>,
  names: readonly string[] | null,
): DescribedConfig[] {
  return Object.entries(config)
    .filter(([name]) => names === null || names.includes(name))
    .map(([name, value]) => ({
      name,
      value,
      readOnly: true,
      configSource: sources.staticBroker,
      isSensitive: false,
      synonyms: [{ name, value, source: sources.staticBroker }],
      configType: typeNumbers[/^-?\d+$/.test(value) ? 'long' : 'string'],
    }));
}
