import type { BrokerContext } from '../context.ts';

/**
 * Forgets, before a topic is made, what groups have kept of an earlier one of its name: a crash may have come between the
 * deletion of that one and of its offsets, which would seem to be the new topic's.
 * @throws Error when the journal cannot take it.
 */
export async function forgetFormerTopic(
  { topics, groups }: Pick<BrokerContext, 'topics' | 'groups'>,
  name: string,
): Promise<void> {
  if (!topics.get(name) && groups.knowsTopic(name)) await groups.dropTopic(name);
}
