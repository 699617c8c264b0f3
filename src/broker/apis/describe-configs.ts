import { type BrokerContext, brokerId } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import {
  array,
  boolean,
  type Decoded,
  defaulting,
  int8,
  int16,
  int32,
  nullable,
  since,
  string,
  struct,
} from '../protocol/schema.ts';
import { type DescribedConfig, describeBrokerConfig, describeTopicConfig } from '../topics/describe-config.ts';
import { api } from './api.ts';
import { resourceTypes } from './config-resources.ts';

const resourceRequest = struct({
  resourceType: int8,
  resourceName: string,
  configurationKeys: nullable(array(string)),
});

// DescribeConfigs v1–4. v3 adds types and documentation, v4 is flexible.
export const describeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexibleFrom: 4,
  request: struct({
    resources: array(resourceRequest),
    includeSynonyms: boolean,
    includeDocumentation: since(3, boolean),
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    results: array(
      struct({
        errorCode: int16,
        errorMessage: nullable(string),
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            value: nullable(string),
            readOnly: boolean,
            configSource: int8,
            isSensitive: boolean,
            synonyms: array(struct({ name: string, value: nullable(string), source: int8 })),
            configType: since(3, int8),
            documentation: since(3, nullable(string), null),
          }),
        ),
      }),
    ),
  }),
  handle: (context, { resources, includeSynonyms }) => ({
    results: resources.map((resource) => {
      const { resourceType, resourceName } = resource;
      const { errorCode, errorMessage, configs } = describe(context, resource);
      return {
        errorCode,
        errorMessage,
        resourceType,
        resourceName,
        configs: configs.map((config) => ({ ...config, synonyms: includeSynonyms ? config.synonyms : [] })),
      };
    }),
  }),
});

interface Description {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly configs: readonly DescribedConfig[];
}

const found = (configs: readonly DescribedConfig[]): Description => ({ errorCode: 0, errorMessage: null, configs });
const refuse = (errorCode: number, errorMessage: string): Description => ({ errorCode, errorMessage, configs: [] });

function describe(
  { topics, brokerConfig }: BrokerContext,
  { resourceType, resourceName, configurationKeys }: Decoded<typeof resourceRequest>,
): Description {
  if (resourceType === resourceTypes.brokerLogger) return found([]);
  if (resourceType === resourceTypes.broker) {
    // An empty name asks for what holds for all brokers.
    if (resourceName !== '' && resourceName !== String(brokerId)) {
      return refuse(errorCodes.invalidRequest, `there is no broker ${resourceName}`);
    }
    return found(describeBrokerConfig(brokerConfig, configurationKeys));
  }
  if (resourceType !== resourceTypes.topic) {
    return refuse(errorCodes.invalidRequest, `resources of type ${resourceType} have no configuration here`);
  }
  const topic = topics.get(resourceName);
  if (!topic) return refuse(errorCodes.unknownTopicOrPartition, `there is no topic ${resourceName}`);
  return found(describeTopicConfig(topic.config, topics.defaults, configurationKeys));
}
