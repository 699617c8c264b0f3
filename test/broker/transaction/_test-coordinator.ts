import { pino } from 'pino';
import { createGroupCoordinator } from '../../../src/broker/group/coordinator.ts';
import { StorageError } from '../../../src/broker/log/write-queue.ts';
import { createTransactionCoordinator } from '../../../src/broker/transaction/coordinator.ts';
import { fakeTimers } from '../group/_fake-timers.ts';
import { memoryJournal } from '../group/_memory-journal.ts';

const silent = pino({ level: 'silent' });

/** A partition that only remembers what ended in it: `commit 7/1` is producer 7, epoch 1. */
class FakeLog {
  readonly markers: string[] = [];
  readonly open = new Set<number>();
  readonly isRemoved = false;
  isBroken = false;
  #onMarker = () => {};

  get openTransactions() {
    return [...this.open].map((producerId) => ({ producerId, firstOffset: 0 }));
  }

  appendMarker(marker: { producerId: number; producerEpoch: number; isCommit: boolean }) {
    if (this.isBroken) return { errorCode: 56, message: 'broken' };
    this.open.delete(marker.producerId);
    this.markers.push(`${marker.isCommit ? 'commit' : 'abort'} ${marker.producerId}/${marker.producerEpoch}`);
    this.#onMarker();
    return { endOffset: this.markers.length };
  }

  async whenStored(): Promise<void> {
    if (this.isBroken) throw new StorageError('broken');
  }

  /** Resolves with the next marker. */
  nextMarker(): Promise<string> {
    return new Promise((resolve) => {
      this.#onMarker = () => resolve(this.markers.at(-1) ?? '');
    });
  }
}

/** A coordinator on a topic `t` of two partitions; `restart` is another one on the same journal and logs. */
export function testCoordinator() {
  const [timers, journal, logs] = [fakeTimers(), memoryJournal(), [new FakeLog(), new FakeLog()]];
  let lastProducerId = 0;
  const topic = { name: 't', id: 'id-of-t', partitions: logs };
  const topics = { get: (name: string) => (name === 't' ? topic : undefined), all: [topic] };
  const start = () => {
    const groups = createGroupCoordinator({ journal, logger: silent, timers });
    const producerIds = { next: () => ++lastProducerId };
    return {
      groups,
      transactions: createTransactionCoordinator({ journal, topics, groups, producerIds, logger: silent, timers }),
    };
  };
  const partitions = [0, 1].map((partition) => ({ topic: 't', topicId: 'id-of-t', partition }));
  return { timers, journal, logs, partitions, start };
}

export const init = (
  transactionalId: string,
  given: { producerId?: number; producerEpoch?: number; timeout?: number } = {},
) => ({ transactionalId, producerId: -1, producerEpoch: -1, timeout: 60_000, ...given });
