import type { Tone } from './line.ts';

/** A colour as Ink takes it; undefined is the terminal's own text colour. */
export type Palette = Readonly<Record<Tone, string | undefined>>;

const dark: Palette = {
  text: undefined,
  muted: '#8A97AB',
  female: '#FF8A65',
  male: '#4FC3F7',
  first: '#E69F00',
  second: '#56B4E9',
  third: '#009E73',
  good: '#5BD6A2',
  warn: '#FFC857',
  bad: '#FF5C7A',
};

const light: Palette = {
  text: undefined,
  muted: '#5B6778',
  female: '#D9480F',
  male: '#0B7285',
  first: '#B57A00',
  second: '#0072B2',
  third: '#00795A',
  good: '#0B7A4B',
  warn: '#8F6400',
  bad: '#C81E45',
};

// Where there are sixteen colours, rounding would turn half of the above into one white or one cyan.
const sixteen: Palette = {
  text: undefined,
  muted: 'gray',
  female: 'yellow',
  male: 'cyanBright',
  first: 'yellow',
  second: 'cyanBright',
  third: 'green',
  good: 'greenBright',
  warn: 'yellowBright',
  bad: 'redBright',
};

/** The colours of a terminal that shows `depthBits` bits of colour (1, 4, 8 or 24) on a dark or a light ground. */
export function paletteOf(ground: 'dark' | 'light', depthBits: number): Palette {
  if (depthBits <= 4) return sixteen;
  return ground === 'dark' ? dark : light;
}
