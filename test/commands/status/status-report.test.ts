import { expect, test } from 'vitest';
import { statusReport, tellChanges } from '../../../src/commands/status/status-report.ts';
import type { StageStatus } from '../../../src/web/messages.ts';

/** What pages would know, and each part that they were told. */
function pages() {
  const told: StageStatus[] = [];
  let known: StageStatus = {};
  return {
    told,
    status(part: StageStatus) {
      told.push(part);
      known = { ...known, ...part };
    },
    get currentStatus() {
      return known;
    },
  };
}

test('pages are told only of what has changed', () => {
  const live = pages();
  const store = { kind: 'memory', readOnly: false, windows: 1, reachable: true };
  tellChanges(live, { lag: 0, store });
  tellChanges(live, { lag: 0, store: { ...store } });
  tellChanges(live, { lag: 0, store: { ...store, windows: 2 } });
  expect(live.told).toEqual([{ lag: 0, store }, { store: { ...store, windows: 2 } }]);
});

test('what can no longer be told is taken back', () => {
  const live = pages();
  tellChanges(live, { counted: 4 });
  tellChanges(live, { counted: undefined });
  expect(live.currentStatus.counted).toBeUndefined();
});

test('what several stages say within a blink is told together', async () => {
  const first = Promise.withResolvers<void>();
  const live = pages();
  const status = (part: StageStatus) => {
    live.status(part);
    first.resolve();
  };
  let [counted, stored] = [0, 0];
  const report = statusReport({ status, currentStatus: {} }, () => ({ counted, stored }));
  counted = 5;
  report.tellSoon();
  stored = 5;
  report.tellSoon();
  await first.promise;
  report.close();
  expect(live.told).toEqual([{ counted: 5, stored: 5 }]);
});
