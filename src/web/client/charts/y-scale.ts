/** The vertical axis from zero to `top`, with a line every `step`. */
export interface YScale {
  top: number;
  step: number;
  /** Windows in a row that would have done with less. */
  spare: number;
}

const patience = 10;
const mostLines = 7;

/** The smallest of 1, 2, 5, 10, 20 … that is not below `value`. */
function roundStep(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((factor) => factor * magnitude).find((step) => step >= value) ?? 10 * magnitude;
}

/** The scale that fits a greatest value best, with some room above it. */
export function fittingScale(peak: number): YScale {
  const step = roundStep(peak / mostLines);
  return { top: Math.max(5 * step, (Math.floor(peak / step) + 1) * step), step, spare: 0 };
}

/**
 * The scale for the next window. It grows at once, so that nothing is cut off; it shrinks by one line a window and only
 * after ten windows that needed less, so that the curve does not jump.
 */
export function nextScale(scale: YScale | undefined, peak: number): YScale {
  const fitting = fittingScale(peak);
  if (!scale || peak >= scale.top) return fitting;
  if (fitting.top >= scale.top) return { ...scale, spare: 0 };
  if (scale.spare + 1 < patience) return { ...scale, spare: scale.spare + 1 };
  const lower = scale.top - scale.step;
  if (lower <= fitting.top || lower <= 2 * scale.step) return fitting;
  return { ...scale, top: lower, spare: scale.spare + 1 };
}
