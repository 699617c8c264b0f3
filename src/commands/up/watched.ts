import type { Broker } from '../../broker/broker.ts';
import type { KafkaConnection } from '../../kafka/connection.ts';
import type { WindowStore } from '../../records/window-store.ts';
import { type StageFigures, stageFigures, type UpStatus } from '../status/stage-figures.ts';
import type { UpOptions } from './stages.ts';
import { kindOfStore } from './store.ts';

/** The stages as a view sees them: figures that go on changing, and where the windows are. */
export interface Watched {
  status: UpStatus;
  figures: StageFigures;
  store: WindowStore;
}

interface WatchedParts {
  connection: KafkaConnection;
  /** The one of this process. */
  broker: Broker | undefined;
  store: WindowStore;
}

/** The stages before they have begun. */
export function watchStages(
  { source, pace, flags, embedded }: UpOptions,
  { connection: { brokers }, broker, store }: WatchedParts,
): Watched {
  const status: UpStatus = {
    source,
    connection: 'connecting',
    delay: null,
    produce: undefined,
    pace,
    produceEnded: false,
    loop: flags.loop,
    aggregate: undefined,
    stored: 0,
    storeLag: 0,
    storedIn: kindOfStore(flags.store),
    connected: true,
    serve: undefined,
    broker: { address: brokers.join(','), embedded, ...(broker ? { stats: broker.stats } : {}) },
  };
  return { status, figures: stageFigures(status), store };
}
