/** A line to draw: evenly spaced values from left to right, null where nothing is known. */
export interface Curve {
  points: readonly (number | null)[];
  /** Dots that are drawn and left out, alternating, along the line. */
  dash: Dash;
}

export type Dash = readonly [on: number, off: number];

/** A character of the drawing, and which of the curves it belongs to; null where there is none. */
export interface BrailleCell {
  char: string;
  curve: number | null;
}

// A braille character is 2 × 4 dots; its code point is U+2800 plus these bits, by row and column.
const bits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

interface Dot {
  x: number;
  y: number;
}

/**
 * Draws curves with the dots of braille characters, `rows` of `columns` cells each: the lowest dot is 0, the highest is
 * `top`, and what lies outside is drawn at the edge. A character has one colour, so where curves share one it goes to
 * the curve that has more dots in it.
 */
export function drawBraille(
  curves: readonly Curve[],
  { columns, rows, top }: { columns: number; rows: number; top: number },
): BrailleCell[][] {
  const masks = curves.map(() => new Uint8Array(columns * rows));
  for (const [index, { points, dash }] of curves.entries()) {
    const mask = masks[index];
    if (!mask || columns <= 0 || rows <= 0) continue;
    for (const { x, y } of dotsOf(points, dash, { width: columns * 2, height: rows * 4, top })) {
      const at = (y >> 2) * columns + (x >> 1);
      mask[at] = (mask[at] ?? 0) | (bits[y & 3]?.[x & 1] ?? 0);
    }
  }
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => cellOf(masks, row * columns + column)),
  );
}

function cellOf(masks: readonly Uint8Array[], at: number): BrailleCell {
  let all = 0;
  let most = 0;
  let curve: number | null = null;
  for (const [index, mask] of masks.entries()) {
    const dots = mask[at] ?? 0;
    all |= dots;
    const count = countBits(dots);
    if (count > most) [most, curve] = [count, index];
  }
  return curve === null ? { char: ' ', curve } : { char: String.fromCharCode(0x2800 + all), curve };
}

function countBits(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}

function* dotsOf(
  points: Curve['points'],
  [on, off]: Dash,
  { width, height, top }: { width: number; height: number; top: number },
): Generator<Dot> {
  const scaleX = points.length > 1 ? (width - 1) / (points.length - 1) : 0;
  let before: Dot | null = null;
  // Dashes are counted along the line, not along the axis: a steep part keeps its pattern.
  let walked = 0;
  for (const [index, value] of points.entries()) {
    if (value === null) {
      before = null;
      continue;
    }
    const share = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
    const dot: Dot = { x: Math.round(index * scaleX), y: Math.round((1 - share) * (height - 1)) };
    const steps = before ? Math.max(Math.abs(dot.x - before.x), Math.abs(dot.y - before.y)) : 0;
    for (let step = 1; step < steps && before; step += 1) {
      walked += 1;
      if (walked % (on + off) < on)
        yield {
          x: Math.round(before.x + ((dot.x - before.x) * step) / steps),
          y: Math.round(before.y + ((dot.y - before.y) * step) / steps),
        };
    }
    walked += 1;
    // A point between two gaps is all there is of it, dash or not.
    const alone = !before && (points[index + 1] ?? null) === null;
    if (alone || walked % (on + off) < on) yield dot;
    before = dot;
  }
}
