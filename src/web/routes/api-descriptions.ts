import type { RouteDescription } from '../openapi.ts';
import {
  pipelinesAnswer,
  seriesAnswer,
  sumsAnswer,
  totalsAnswer,
  valuesAnswer,
  windowsAnswer,
} from './answer-schemas.ts';
import { noQuery, seriesQuery, sumsQuery, totalsQuery, valuesQuery, windowsQuery } from './queries.ts';

/** What the description of the API says of its routes. */
export const apiDescriptions = {
  pipelines: { summary: 'What is counted', query: noQuery, answer: pipelinesAnswer },
  series: {
    summary: 'What was counted over time',
    description:
      'With `resolution=auto` as fine as `points` allow: windows as they were counted, sums of neighbours, of minutes or of hours. `span` says how much time a point covers, and `from` and `to` which time is answered for: whole points, so that neither end looks like a fall. Windows that were taken out of the database are still in the sums.',
    query: seriesQuery,
    answer: seriesAnswer,
    csv: 'a row for each count; whole windows, minutes or hours come however many there are, unless limited',
  },
  totals: {
    summary: 'What was counted in all',
    description: 'By pipeline, over everything that was ever stored.',
    query: totalsQuery,
    answer: totalsAnswer,
    csv: 'a row for each value',
  },
  sums: {
    summary: 'What was counted in a time',
    description:
      'In windows that start in it. Where windows are no longer stored, it is answered for the minutes or hours that start in it, and `from` and `to` say so.',
    query: sumsQuery,
    answer: sumsAnswer,
    csv: 'a row for each value',
  },
  windows: {
    summary: 'Windows as rows of a table',
    description:
      'Sorted, filtered and paged. The newest ten thousand are looked at, fewer where they have many values.',
    query: windowsQuery,
    answer: windowsAnswer,
    csv: 'a row for each window, with a column for each value where there are no more than twenty',
  },
  values: {
    summary: 'Values as rows of a table',
    description: 'Over everything that was ever stored, or in the windows that start in a time.',
    query: valuesQuery,
    answer: valuesAnswer,
    csv: 'a row for each value',
  },
} satisfies Record<string, RouteDescription>;
