import { once } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type FeedState, initialFeed, reduceFeed } from '../../src/web/client/state/feed.ts';
import type { ServerMessage } from '../../src/web/messages.ts';
import { windowAt } from '../store/_contract.ts';
import { webServer } from './_server.ts';

/** A page that goes and comes, with what the browser's code makes of what it is told. */
function page(port: number) {
  let state: FeedState = initialFeed;
  let socket: WebSocket | undefined;
  let wake = () => {};
  // As it is on the wire: each number follows the one before, unless a snapshot comes in between.
  const faults: string[] = [];
  let last: number | undefined;
  const check = ({ type, sequence }: ServerMessage) => {
    if (type !== 'snapshot' && sequence !== (last ?? 0) + (type === 'heartbeat' ? 0 : 1)) {
      faults.push(`${type} ${sequence} after ${last}`);
    }
    last = sequence;
  };
  return {
    faults,
    state: () => state,
    async come() {
      if (socket) return;
      const { stream, sequence } = state;
      const query = sequence === undefined ? '' : `?stream=${stream}&after=${sequence}`;
      const opened = new WebSocket(`ws://127.0.0.1:${port}/ws${query}`);
      socket = opened;
      opened.on('message', (data) => {
        if (socket !== opened) return;
        const message = JSON.parse(String(data)) as ServerMessage;
        check(message);
        state = reduceFeed(state, { type: 'message', message, at: 0 });
        wake();
      });
      await once(opened, 'open');
    },
    go() {
      socket?.terminate();
      socket = undefined;
    },
    async until(isSo: (state: FeedState) => boolean) {
      while (!isSo(state)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const pages = 3;
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('bring' as const),
      seconds: fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 3 }),
      count: fc.nat(9),
      settles: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('status' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('many' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('go' as const), page: fc.nat(pages - 1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('come' as const), page: fc.nat(pages - 1) }) },
);

test('pages that go and come at any moment know in the end what one knows that was always there', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.constantFrom(0, 1_000, 4_000_000),
      async (steps, maxKept) => {
        const { app, live, bring, listen } = await webServer({ liveOptions: { windowSpacing: 0, maxKept } });
        const port = await listen();
        const witness = page(port);
        const others = Array.from({ length: pages }, () => page(port));
        try {
          await witness.come();
          await witness.until(({ sequence }) => sequence !== undefined);
          let revision = 0;
          let seen = 0;
          for (const [number, one] of steps.entries()) {
            if (one.do === 'bring') {
              revision += 1;
              await bring(
                ...one.seconds.map((second) => windowAt(second, { [one.count % 3]: one.count }, { revision })),
              );
              const { sequence } = witness.state();
              if (one.settles) await witness.until((state) => state.sequence !== sequence);
            } else if (one.do === 'status') live.status({ rowsRead: number });
            else if (one.do === 'many') {
              seen += 1;
              await bring(...Array.from({ length: 201 }, (_, index) => windowAt(seen * 1_000 + index, { 0: 1 })));
            } else if (one.do === 'go') others[one.page]?.go();
            else await others[one.page]?.come();
          }
          for (const other of others) await other.come();
          live.status({ stored: 1_000_000 });
          for (const one of [witness, ...others]) {
            await one.until(({ status }) => status.stored === 1_000_000);
            // What the server tells last is the same for all.
            await one.until(({ sequence = 0 }) => sequence >= (witness.state().sequence ?? 0));
          }
          const { windows, totals, status, sequence } = witness.state();
          for (const other of others) {
            expect(other.state()).toMatchObject({ sequence, status, gap: false });
            expect(other.state().windows).toEqual(windows);
            expect(other.state().totals).toEqual(totals);
          }
          expect([witness, ...others].flatMap(({ faults }) => faults)).toEqual([]);
        } finally {
          for (const one of [witness, ...others]) one.go();
          await app.close();
        }
      },
    ),
    { numRuns: 40 },
  );
});
