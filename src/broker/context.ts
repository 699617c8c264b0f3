import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { GroupCoordinator } from './group/coordinator.ts';

/** What an API's handler works with. */
export interface BrokerContext {
  readonly groups: GroupCoordinator;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** What a handler may want to know of the request besides its body. */
export interface Call {
  readonly version: number;
  /** As the client calls itself; empty when it does not. */
  readonly clientId: string;
  /** The peer's address, without its port. */
  readonly clientHost: string;
  /** Aborted when the socket is gone, or the broker stops: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}
