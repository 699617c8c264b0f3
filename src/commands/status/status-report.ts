import { isDeepStrictEqual } from 'node:util';
import type { Live } from '../../web/live.ts';
import type { StageStatus } from '../../web/messages.ts';

type Told = Pick<Live, 'status' | 'currentStatus'>;

/** Tells pages those parts of a status that differ from what they know. */
export function tellChanges(live: Told, status: StageStatus): void {
  const known = new Map<string, unknown>(Object.entries(live.currentStatus));
  const changed = Object.entries(status).filter(([name, value]) => !isDeepStrictEqual(value, known.get(name)));
  if (changed.length > 0) live.status(Object.fromEntries(changed));
}

// Pages draw a point of a rate's last minute for each second.
const interval = 1_000;

// Stages come to the end of a window one after the other; told of together, their numbers agree.
const gathering = 150;

/** Tells pages of the stages each second, and soon after something has come out of one. */
export function statusReport(live: Told, read: () => StageStatus) {
  let soon: NodeJS.Timeout | undefined;
  const tell = () => {
    clearTimeout(soon);
    soon = undefined;
    tellChanges(live, read());
  };
  const timer = setInterval(tell, interval);
  timer.unref();
  return {
    tellSoon() {
      soon ??= setTimeout(tell, gathering).unref();
    },
    close() {
      clearInterval(timer);
      clearTimeout(soon);
    },
  };
}
