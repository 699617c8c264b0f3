import { cutLine, type Line, lineWidth, spaces } from './line.ts';

type Rank = number | readonly number[];

/** One fact of a line that may have to shrink or leave when the window is narrow. */
export interface Cell {
  /** From the fullest way to say it to the shortest. */
  variants: readonly Line[];
  /**
   * What is worth least gives way first: the highest rank, one variant at a time, and then it leaves. A list has a rank
   * for each of these steps, in order. 0 never leaves and becomes shorter only when all others have left.
   */
  rank: Rank;
  /** Whether it stands at the right end of the line. */
  right?: boolean;
}

/** A cell with one or more ways to say the same. */
export const cell = (rank: Rank, ...variants: Line[]): Cell => ({ rank, variants });

/** The same, at the right end of its line. */
export const rightCell = (rank: Rank, ...variants: Line[]): Cell => ({ rank, variants, right: true });

/**
 * Joins cells with `gap` spaces into a line of at most `width`: the least important cells are shortened and then left
 * out until the rest fits; what can do neither is cut.
 */
export function fitCells(cells: readonly Cell[], width: number, gap = 2): Line {
  // The variant of each cell that is shown; one past the last means that the cell has left.
  const shown = cells.map(() => 0);
  for (;;) {
    const line = joinCells(cells, shown, width, gap);
    if (lineWidth(line) <= width) return line;
    const least = leastImportant(cells, shown);
    if (least === undefined) return cutLine(line, width);
    shown[least] = (shown[least] ?? 0) + 1;
  }
}

function joinCells(cells: readonly Cell[], shown: readonly number[], width: number, gap: number): Line {
  const sides: { left: Line; right: Line } = { left: [], right: [] };
  for (const [index, { variants, right }] of cells.entries()) {
    const line = variants[shown[index] ?? 0];
    if (!line || line.length === 0) continue;
    const side = right ? 'right' : 'left';
    sides[side] = sides[side].length > 0 ? [...sides[side], spaces(gap), ...line] : line;
  }
  const { left, right } = sides;
  if (right.length === 0) return left;
  const between = width - lineWidth(left) - lineWidth(right);
  return [...left, spaces(left.length > 0 ? Math.max(gap, between) : between), ...right];
}

// Of two that are equally important the one further to the right gives way, as the eye expects.
function leastImportant(cells: readonly Cell[], shown: readonly number[]): number | undefined {
  let least: number | undefined;
  let greatest = 0;
  for (const [index, { variants, rank }] of cells.entries()) {
    const step = shown[index] ?? 0;
    const stepRank = typeof rank === 'number' ? rank : (rank[step] ?? rank.at(-1) ?? 0);
    const steps = stepRank === 0 ? variants.length - 1 : variants.length;
    if (step < steps && stepRank >= greatest) [least, greatest] = [index, stepRank];
  }
  return least;
}
