import { ProtocolError, Reader } from '../protocol/reader.ts';

/** The protocol type under which consumers join; others (Connect, schema registries) say other things in their metadata. */
export const consumerProtocolType = 'consumer';

/**
 * The topics that a consumer's metadata subscribes to: all versions of the ConsumerProtocolSubscription begin with a
 * version and the list of topics. Null when the bytes are something else.
 */
export function subscribedTopics(metadata: Buffer): Set<string> | null {
  try {
    const reader = new Reader(metadata);
    if (reader.int16() < 0) return null;
    const topics = new Set<string>();
    for (let left = reader.count(false) ?? 0; left > 0; left--) topics.add(reader.string(false) ?? '');
    return topics;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/**
 * Whether two metadata want the same topics. What a consumer owned before it stopped is part of its metadata too, but
 * is no reason to move partitions around when it comes back.
 */
export function sameSubscription(protocolType: string | null, before: Buffer, after: Buffer): boolean {
  if (before.equals(after)) return true;
  if (protocolType !== consumerProtocolType) return false;
  const [old, now] = [subscribedTopics(before), subscribedTopics(after)];
  return old !== null && now !== null && old.size === now.size && old.isSubsetOf(now);
}
