/** One line at the bottom of a terminal that is drawn over and over. */
export interface ProgressLine {
  draw(text: string): void;
  /** Takes the line away. */
  clear(): void;
}

/** @param stream a terminal; `columns` is its width. */
export function progressLine(stream: NodeJS.WritableStream & { columns?: number }): ProgressLine {
  let drawn = false;
  return {
    draw(text) {
      // The cursor goes back to the beginning, so that a log line takes the line over instead of being appended to it.
      stream.write(`\r\x1b[K${text.slice(0, Math.max(10, (stream.columns ?? 80) - 1))}\r`);
      drawn = true;
    },
    clear() {
      if (drawn) stream.write('\r\x1b[K');
      drawn = false;
    },
  };
}

/** A bar such as `━━━━━━──────`, `share` from 0 to 1. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '━'.repeat(full) + '─'.repeat(width - full);
}

/** A count with thousands separators: `1,234,567`. */
export const grouped = (count: number): string => Math.round(count).toLocaleString('en-US');

/** A length of time in seconds as `0:07`, `12:34` or `1:02:03`. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
