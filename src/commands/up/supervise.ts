import { DashctlError, messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';

/** The stages of one process: they start one by one and stop together. */
export interface Stages {
  /** Starts a stage; its promise settles when the stage has ended, in whatever way. */
  start(name: string, run: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Rejects with the reason of the first stage that fails. */
  readonly failed: Promise<never>;
  /**
   * Stops the stages, the last started first, each when the one before has ended: what has been read upstream is
   * counted downstream.
   * @throws DashctlError `INTERNAL` when they take longer than `patience` ms.
   */
  stop(patience: number): Promise<void>;
}

interface Stage {
  name: string;
  controller: AbortController;
  done: Promise<void>;
}

/** Creates an empty set of stages. */
export function superviseStages(logger: Logger): Stages {
  const stages: Stage[] = [];
  const first = Promise.withResolvers<never>();
  // Whoever waits for it hears of it; a failure while nobody waits must not end the process.
  first.promise.catch(() => undefined);

  return {
    failed: first.promise,
    start(name, run) {
      const controller = new AbortController();
      const done = run(controller.signal).catch((error: unknown) => {
        logger.debug({ err: error }, `${name} failed: ${messageOf(error)}`);
        first.reject(error);
      });
      stages.push({ name, controller, done });
      return done;
    },
    async stop(patience) {
      const deadline = Promise.withResolvers<never>();
      let waiting = '';
      const timer = setTimeout(() => {
        deadline.reject(
          new DashctlError('INTERNAL', `${waiting} did not stop within ${patience / 1_000} s`, {
            hint: 'what it had not committed is counted again at the next start',
          }),
        );
      }, patience);
      try {
        for (const { name, controller, done } of stages.toReversed()) {
          waiting = name;
          controller.abort();
          await Promise.race([done, deadline.promise]);
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
