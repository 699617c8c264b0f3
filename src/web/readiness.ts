import type { WindowStore } from '../records/window-store.ts';

/** What the stage that reads the result topics has come to; it goes on changing. */
export interface ReadingState {
  /** All that the topics held at the start is stored. */
  caughtUp: boolean;
  /** The broker of each partition answers. */
  connected: boolean;
  /** Window records stored by this run. */
  windows: number;
  /** Records that could not be read. */
  unreadable: number;
  /** Result records behind. */
  lag: number;
  /** From the end of the newest window to its storing, ms. */
  delay?: number;
}

/** The state of a stage that has not begun. */
export const notYetReading = (): ReadingState => ({
  ...{ caughtUp: false, connected: true },
  ...{ windows: 0, unreadable: 0, lag: 0 },
});

// A database that takes longer is no help to a page either.
const patience = 2_000;

/** Tells why pages cannot show what there is; nothing when they can. */
export function readiness(store: Pick<WindowStore, 'pipelines'>, state: Readonly<ReadingState>) {
  let asking: Promise<boolean> | undefined;

  // However many probes there are, one question at a time.
  const storeAnswers = () => {
    asking ??= answersInTime(store.pipelines()).finally(() => {
      asking = undefined;
    });
    return asking;
  };

  return async (): Promise<string[]> => [
    ...((await storeAnswers()) ? [] : ['the database does not answer']),
    ...(state.connected ? [] : ['the broker does not answer']),
    ...(state.caughtUp ? [] : ['the topics have not been read to where they were at the start']),
  ];
}

async function answersInTime(answer: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patience);
  });
  const answered = answer.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
