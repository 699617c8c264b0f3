import type { FeedState } from '../../state/feed.ts';

/** The server's clock at a moment of the browser's: the two may differ. */
export const serverTime = ({ toldAt, windowAt }: Pick<FeedState, 'toldAt' | 'windowAt'>, now: number): number =>
  toldAt === undefined || windowAt === undefined ? now : now + toldAt - windowAt;

const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** A size as a reader says it: `138 KB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1_000)));
  const value = bytes / 1_000 ** power;
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)} ${units[power]}`;
}
