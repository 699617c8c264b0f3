/**
 * How old the picture is that a reader has of its partitions. What a leader answered may wait while the reader is busy,
 * and what came since is not even asked for: a partition that was read to its end may by now hold more. Whoever lets
 * time go by without records must not go further than this.
 */
export interface ReadingDelay {
  /** In whole ms. None once every leader holds a request, which it only does when it has nothing to answer. */
  readonly current: number;
  /** For the source: whether something lies in its queue that changes the picture. */
  watch(hasNews: () => boolean): void;
  /** For a fetcher of the source. */
  fetcher(): FetcherDelay;
}

/** What a fetcher tells of its requests, which go one after another. */
export interface FetcherDelay {
  asked(): void;
  /** An answer is here; resolve `taken` when the reader has done with it. */
  answered(taken: Promise<void>): void;
  ended(): void;
}

/** A leader with something to answer does so within this, in ms; one that is silent for longer has nothing. */
const answerTime = 10;

interface FetcherTimes {
  /** When the request was sent that has no answer yet. */
  asked: number | undefined;
  /** Answers that the reader has not done with. */
  unread: number;
  /** When the last request was sent whose answer it has done with. */
  known: number;
}

export function readingDelay(): ReadingDelay {
  const fetchers = new Set<FetcherTimes>();
  let hasNews = () => false;
  let last = Number.NEGATIVE_INFINITY;

  const knownUntil = ({ asked, unread, known }: FetcherTimes, now: number) =>
    asked !== undefined && unread === 0 && now - asked >= answerTime ? now : known;

  return {
    get current() {
      const now = performance.now();
      if (!hasNews()) last = fetchers.values().reduce((least, times) => Math.min(least, knownUntil(times, now)), now);
      // Whole, since times of windows are; rounded up, since further than this nothing is known.
      return Math.ceil(now - last);
    },
    watch(look) {
      hasNews = look;
    },
    fetcher() {
      const times: FetcherTimes = { asked: undefined, unread: 0, known: Number.NEGATIVE_INFINITY };
      let sent = 0;
      let isOver = false;
      return {
        asked() {
          sent = performance.now();
          times.asked = sent;
        },
        answered(taken) {
          const of = sent;
          times.asked = undefined;
          times.unread += 1;
          void taken.then(() => {
            times.unread -= 1;
            times.known = of;
            // Until it was first heard of, none of its partitions is taken to be read to the end.
            if (!isOver) fetchers.add(times);
          });
        },
        ended() {
          isOver = true;
          fetchers.delete(times);
        },
      };
    },
  };
}
