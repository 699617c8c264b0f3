import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { startTestBroker, type TestBroker } from '../_support/broker.ts';

interface CompactingBroker extends TestBroker {
  /** Does what is due each minute. */
  maintain(): void;
  /** Does it, and resolves when the first compaction of the only partition is complete. */
  compact(): Promise<void>;
}

/** Starts a broker whose minutes pass when the test wants it. */
export async function startCompactingBroker(): Promise<CompactingBroker> {
  const timers = vi.spyOn(globalThis, 'setInterval');
  const broker = await startTestBroker();
  const maintain = timers.mock.calls.find(([, delay]) => delay === 60_000)?.[0] as () => void;
  timers.mockRestore();
  return {
    ...broker,
    maintain,
    async compact() {
      maintain();
      const logs = join(broker.dataDir, 'p');
      // The progress is noted when all is done.
      await vi.waitFor(() => {
        expect(readdirSync(logs).map((log) => existsSync(join(logs, log, 'compaction.json')))).toEqual([true]);
      }, 10_000);
    },
  };
}
