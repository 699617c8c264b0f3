// The full block is left out: it would touch the line above.
const levels = '▁▂▃▄▅▆▇';

/** The last `width` values as small columns from zero, right-aligned in exactly `width` cells. */
export function sparkline(values: readonly number[], width: number): string {
  if (width <= 0) return '';
  const shown = values.slice(-width).map((value) => (Number.isFinite(value) ? Math.max(0, value) : 0));
  const top = Math.max(...shown, 0);
  const columns = shown.map((value) => levels[top > 0 ? Math.round((value / top) * (levels.length - 1)) : 0]);
  return columns.join('').padStart(width);
}

/** A bar of at most `width` cells for a value of at most `top`; whatever is more than nothing shows at least one. */
export function bar(value: number, top: number, width: number): string {
  if (!(value > 0) || !(top > 0) || width <= 0) return '';
  const share = Math.min(1, value / top);
  return '▇'.repeat(Math.max(1, Math.round(share * width)));
}
