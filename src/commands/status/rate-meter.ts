/** What happened per second over the last seconds, of something that is counted in total. */
export interface RateMeter {
  /** Takes the total at a moment (epoch ms). */
  observe(total: number, now: number): void;
  /** Per second, over the last few whole seconds. */
  rate(now: number): number;
  /** Of each of the last whole seconds, oldest first; a second without news is 0. */
  history(now: number): number[];
}

const kept = 60;
const averaged = 3;

/** Creates a meter for a total that starts at 0. */
export function rateMeter(): RateMeter {
  const bySecond = new Map<number, number>();
  let last = 0;
  let began: number | undefined;

  const history = (now: number) => {
    if (began === undefined) return [];
    const current = Math.floor(now / 1_000);
    const from = Math.max(began, current - kept);
    return Array.from({ length: current - from }, (_, index) => bySecond.get(from + index) ?? 0);
  };

  return {
    observe(total, now) {
      const second = Math.floor(now / 1_000);
      began ??= second;
      bySecond.set(second, (bySecond.get(second) ?? 0) + total - last);
      last = total;
      for (const old of bySecond.keys()) if (old < second - kept) bySecond.delete(old);
    },
    rate(now) {
      const recent = history(now).slice(-averaged);
      // In the first second there is no whole one yet.
      if (recent.length === 0) return bySecond.get(Math.floor(now / 1_000)) ?? 0;
      return recent.reduce((sum, count) => sum + count, 0) / recent.length;
    },
    history,
  };
}
