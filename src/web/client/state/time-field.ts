import { formatMoment } from './format.ts';

/** An epoch time as a field for date and time has it, in the reader's zone; empty where there is none. */
export const toField = (time: number | undefined): string =>
  time === undefined ? '' : formatMoment(time).replace(' ', 'T');

/** The epoch time of such a field; undefined while it is empty. */
export function fromField(text: string): number | undefined {
  const time = new Date(text).getTime();
  return Number.isNaN(time) ? undefined : time;
}
