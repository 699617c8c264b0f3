import type { BrokerLink } from './broker-link.ts';
import type { KafkaClient } from './client.ts';

/** Lends connections to brokers by their node id, one for each, opened when they are first wanted. */
export type LeaderLinks = <T>(leader: number, use: (link: BrokerLink) => Promise<T>) => Promise<T>;

export function leaderLinks(client: KafkaClient): LeaderLinks {
  const links = new Map<number, Promise<BrokerLink>>();
  return async (leader, use) => {
    const opening = links.get(leader) ?? client.open(leader);
    links.set(leader, opening);
    try {
      return await use(await opening);
    } catch (error) {
      // A reply may still be due, so the connection is of no use to whoever sends next.
      if (links.get(leader) === opening) links.delete(leader);
      opening.then(
        (link) => link.close(),
        () => {},
      );
      throw error;
    }
  };
}
