/** Takes back what a timer was to do; harmless when it has run. */
export type Cancel = () => void;

/** Clock and timers of the group protocol, as an argument, so that tests run hours of sessions without waiting. */
export interface Timers {
  /** Epoch ms. */
  now(): number;
  /** Runs `task` once, after `delay` ms of any length. */
  after(delay: number, task: () => void): Cancel;
}

// setTimeout fires at once above this, and 2^31 - 1 itself is a common max.poll.interval.ms.
const longestTimeout = 2 ** 31 - 1;

/** The timers of this process. A delay that setTimeout cannot hold is waited for in parts. */
export const systemTimers: Timers = {
  now: Date.now,
  after(delay, task) {
    let handle: NodeJS.Timeout;
    const wait = (rest: number) => {
      const part = Math.min(Math.max(rest, 0), longestTimeout);
      handle = setTimeout(() => (rest > part ? wait(rest - part) : task()), part);
    };
    wait(delay);
    return () => clearTimeout(handle);
  },
};
