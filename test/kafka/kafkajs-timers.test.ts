import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '../../src/kafka/kafkajs-timers.ts';

const silent = { namespace: () => silent, debug() {}, info() {}, warn() {}, error() {} };
const queueOf = (maxInFlightRequests: number | null) =>
  new RequestQueue({
    maxInFlightRequests,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    clientId: 'test',
    broker: 'localhost:9092',
    logger: silent,
  });

const request = (correlationId: number, sendRequest: () => void) => ({
  entry: { apiKey: 3, apiVersion: 1, apiName: 'Metadata', correlationId, resolve() {}, reject() {} },
  expectResponse: true,
  requestTimeout: 30_000,
  sendRequest,
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a connection with nothing to send has no timer running', () => {
  const queue = queueOf(null);
  queue.push(request(1, () => {}));
  queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 });
  expect(vi.getTimerCount()).toBe(0);
});

test('what had to wait is still sent', () => {
  const queue = queueOf(1);
  const sent: number[] = [];
  queue.push(request(1, () => sent.push(1)));
  queue.push(request(2, () => sent.push(2)));
  expect(sent).toEqual([1]);
  queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 });
  expect(sent).toEqual([1, 2]);
  queue.fulfillRequest({ correlationId: 2, payload: Buffer.alloc(0), size: 0 });
  vi.runOnlyPendingTimers();
  expect(vi.getTimerCount()).toBe(0);
});

test('requests without an answer are looked for once a second', () => {
  const queue = queueOf(null);
  queue.scheduleRequestTimeoutCheck();
  expect(vi.getTimerCount()).toBe(1);
  const rejected = vi.fn();
  const asked = request(1, () => {});
  queue.push({ ...asked, entry: { ...asked.entry, reject: rejected } });
  vi.advanceTimersByTime(30_000);
  expect(rejected).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(rejected).toHaveBeenCalledOnce();
  queue.destroy();
  expect(vi.getTimerCount()).toBe(0);
});
