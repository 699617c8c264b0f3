import {
  array,
  boolean,
  type Decoded,
  defaulting,
  int8,
  int16,
  int32,
  nullable,
  string,
  struct,
} from '../protocol/schema.ts';
import { type TopicConfig, topicConfigs } from '../topics/topic-config.ts';
import { api } from './api.ts';
import { alterConfig } from './config-resources.ts';

const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

const configChange = struct({ name: string, configOperation: int8, value: nullable(string) });

// IncrementalAlterConfigs v0–1 (KIP-339): sets, deletes, appends to and subtracts from single values. v1 is flexible.
export const incrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleFrom: 1,
  request: struct({
    resources: array(struct({ resourceType: int8, resourceName: string, configs: array(configChange) })),
    validateOnly: boolean,
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    responses: array(
      struct({ errorCode: int16, errorMessage: nullable(string), resourceType: int8, resourceName: string }),
    ),
  }),
  handle: (context, { resources, validateOnly }) => ({
    responses: resources.map(({ resourceType, resourceName, configs }) => {
      const change = (config: TopicConfig) => configs.reduce(applyChange, config as TopicConfig | null);
      return {
        ...alterConfig(context, { resourceType, resourceName, change, validateOnly }),
        resourceType,
        resourceName,
      };
    }),
  }),
});

function applyChange(
  config: TopicConfig | null,
  { name, configOperation, value }: Decoded<typeof configChange>,
): TopicConfig | null {
  if (config === null) return null;
  const { [name]: before, ...others } = config;
  if (configOperation === operations.delete) return others;
  if (value === null) return null;
  if (configOperation === operations.set) return { ...others, [name]: value };
  const isList = Object.hasOwn(topicConfigs, name) && topicConfigs[name]?.type === 'list';
  if (!isList) return null;
  const words = (before ?? topicConfigs[name]?.value ?? '').split(',').filter((word) => word !== '');
  const named = value.split(',').map((word) => word.trim());
  if (configOperation === operations.append) return { ...others, [name]: [...new Set([...words, ...named])].join(',') };
  if (configOperation === operations.subtract) {
    return { ...others, [name]: words.filter((word) => !named.includes(word)).join(',') };
  }
  return null;
}
