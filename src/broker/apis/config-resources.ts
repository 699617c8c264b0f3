import type { BrokerContext } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { faultOfConfig, type TopicConfig } from '../topics/topic-config.ts';

/** What a configuration belongs to, as the protocol numbers it. */
export const resourceTypes = { topic: 2, broker: 4, brokerLogger: 8 } as const;

interface Alteration {
  readonly resourceType: number;
  readonly resourceName: string;
  /** From what a topic sets to what it shall set; null when that cannot be. */
  readonly change: (config: TopicConfig) => TopicConfig | null;
  readonly validateOnly: boolean;
}

const refuse = (errorCode: number, errorMessage: string) => ({ errorCode, errorMessage });

/** Alters what a topic sets, if the result is right. Only topics can be altered: a broker's settings are its flags. */
export function alterConfig(
  { topics }: BrokerContext,
  { resourceType, resourceName, change, validateOnly }: Alteration,
) {
  if (resourceType !== resourceTypes.topic) {
    return refuse(errorCodes.invalidRequest, 'only the configuration of topics can be altered');
  }
  const topic = topics.get(resourceName);
  if (!topic) return refuse(errorCodes.unknownTopicOrPartition, `there is no topic ${resourceName}`);
  const config = change(topic.config);
  if (config === null) return refuse(errorCodes.invalidRequest, 'unknown operation, or no list to append to');
  const fault = faultOfConfig(config);
  if (fault !== null) return refuse(errorCodes.invalidConfig, fault);
  if (!validateOnly) topics.configure(topic, config);
  return { errorCode: 0, errorMessage: null };
}
