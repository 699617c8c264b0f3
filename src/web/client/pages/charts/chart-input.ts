import type { Scale } from './axis.ts';
import type { Look } from './look.ts';
import type { Row } from './rows.ts';
import type { ChartType, Period } from './view.ts';

/** A value as it is drawn. */
export interface DrawnValue {
  name: string;
  look: Look;
  /** `look.token` as the style sheet has it now. */
  color: string;
}

export interface Colors {
  text: string;
  muted: string;
  line: string;
  panel: string;
  raised: string;
}

/** What a drawing needs to know of where it is drawn. */
export interface Surface {
  width: number;
  height: number;
  /** How many px a rem is. */
  rem: number;
  font: string;
  colors: Colors;
  /** Space kept free at the top, in rem, for what a saved picture says above the drawing. */
  headroom: number;
}

export interface CartesianInput extends Surface {
  type: Exclude<ChartType, 'pie'>;
  values: readonly DrawnValue[];
  rows: readonly Row[];
  /** The period before, its rows moved onto this one; undefined when it is not drawn. */
  before: readonly Row[] | undefined;
  beforeName: string;
  /** Time from the left end to the right that can be seen at all, and what is seen of it. */
  period: Period;
  shown: Period;
  /** Time that a point covers, and the shortest that can be zoomed to, ms. */
  span: number;
  leastZoom: number;
  scale: Scale;
  /** What is at a place of the axis, as HTML without styles. */
  tooltip: (at: number) => string;
  /** Whether the reader can zoom: not in a saved picture; with fingers only by the slider, or the page could not be scrolled. */
  zoom: 'none' | 'slider' | 'all';
}

export interface PieInput extends Surface {
  slices: readonly Slice[];
  before: readonly Slice[] | undefined;
  total: string;
  totalName: string;
  formatShare: (share: number) => string;
  /** By the name of a slice. */
  tooltip: (name: string) => string;
}

export interface Slice {
  name: string;
  color: string;
  count: number;
}
