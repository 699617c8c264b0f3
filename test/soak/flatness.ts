/** How a figure of a long run went: the mean of the second and of the last third of its samples. */
export interface Flatness {
  second: number;
  last: number;
  /** How much the last third is above the second, as a part of it. */
  growth: number;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What the first third of a run takes, until everything has been used once, is not looked at. */
export function flatnessOf(samples: readonly number[]): Flatness {
  const third = Math.floor(samples.length / 3);
  const [second, last] = [mean(samples.slice(-2 * third, -third)), mean(samples.slice(-third))];
  return { second, last, growth: last / second - 1 };
}
