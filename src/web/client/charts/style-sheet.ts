/** A token of the style sheet as it is now. */
export const tokenOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** How many px a rem is. */
export const remSize = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
