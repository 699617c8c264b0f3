/** The messages that pages were told last, for those that come back. Numbers of messages go up by one. */
export interface ToldMessages {
  /** Number of the last message. */
  readonly last: number;
  /** Keeps the message with the number `last + 1`. */
  add(frame: Buffer): void;
  /** Counts a change that no message tells: who was there before it needs a snapshot. */
  skip(): void;
  /** All messages after one, in order; undefined when they are not all here any more, or that one was never told. */
  after(sequence: number): readonly Buffer[] | undefined;
}

/** Keeps messages of so many bytes together, the newest ones. */
export function toldMessages(mostBytes: number): ToldMessages {
  let frames: Buffer[] = [];
  let bytes = 0;
  let last = 0;
  return {
    get last() {
      return last;
    },
    add(frame) {
      last += 1;
      frames.push(frame);
      bytes += frame.length;
      while (bytes > mostBytes) bytes -= frames.shift()?.length ?? 0;
    },
    skip() {
      last += 1;
      frames = [];
      bytes = 0;
    },
    after(sequence) {
      const missed = last - sequence;
      return missed >= 0 && missed <= frames.length ? frames.slice(frames.length - missed) : undefined;
    },
  };
}
