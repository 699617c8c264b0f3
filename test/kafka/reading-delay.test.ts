import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ReadingDelay, readingDelay } from '../../src/kafka/reading-delay.ts';

// How long a leader may take to answer.
const answerTime = 10;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

const pass = (time: number) => vi.advanceTimersByTime(time);
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A fetcher whose first answer has been taken; its next request is on its way. */
async function reading(delay: ReadingDelay) {
  const fetcher = delay.fetcher();
  fetcher.asked();
  fetcher.answered(Promise.resolve());
  await settled();
  fetcher.asked();
  return fetcher;
}

describe('what a reader knows', () => {
  test('is up to date while its leader holds a request', async () => {
    const delay = readingDelay();
    await reading(delay);
    pass(answerTime - 1);
    expect(delay.current).toBe(answerTime - 1);
    pass(1);
    expect(delay.current).toBe(0);
    pass(1_000);
    expect(delay.current).toBe(0);
  });

  test('is as old as the request whose answer it has done with', async () => {
    const delay = readingDelay();
    const fetcher = await reading(delay);
    pass(300);
    const taken = Promise.withResolvers<void>();
    fetcher.answered(taken.promise);
    fetcher.asked();
    pass(700);
    expect(delay.current).toBe(1_000);
    taken.resolve();
    await settled();
    expect(delay.current).toBe(0);
    fetcher.answered(Promise.resolve());
    await settled();
    expect(delay.current).toBe(700);
    fetcher.asked();
    pass(answerTime);
    expect(delay.current).toBe(0);
  });

  test('is as old as the oldest of its leaders, but of one that has not answered yet or is gone', async () => {
    const delay = readingDelay();
    const fetchers = [await reading(delay), await reading(delay)];
    delay.fetcher().asked();
    pass(500);
    expect(delay.current).toBe(0);
    fetchers[1]?.answered(new Promise(() => undefined));
    expect(delay.current).toBe(500);
    fetchers[1]?.ended();
    expect(delay.current).toBe(0);

    const taken = Promise.withResolvers<void>();
    fetchers[0]?.answered(taken.promise);
    fetchers[0]?.ended();
    taken.resolve();
    await settled();
    expect(delay.current, 'the reader was done with its last answer later').toBe(0);
  });

  test('stays where it was while news lies in its queue', async () => {
    const delay = readingDelay();
    let hasNews = false;
    delay.watch(() => hasNews);
    const fetcher = await reading(delay);
    pass(100);
    expect(delay.current).toBe(0);
    hasNews = true;
    fetcher.ended();
    pass(400);
    expect(delay.current).toBe(400);
    hasNews = false;
    expect(delay.current).toBe(0);
  });
});
