import type { Dialect, Session } from './database.ts';
import { insertRows } from './rows.ts';
import { spanSizes, spanStart, wholeSpan } from './spans.ts';

const spans = [wholeSpan, spanSizes.minute, spanSizes.hour];

/**
 * By how much the sums of a pipeline change: over everything, per minute and per hour. Kept with every put, so that
 * nobody ever has to add up windows: totals are asked for several times a second, and windows are taken out.
 */
export function sumChanges(pipeline: number) {
  const changes = new Map(spans.map((span) => [span, new Map<number, Map<number, number>>()]));

  const changesOf = (span: number, start: number) => {
    const bySpan = changes.get(span);
    const present = bySpan?.get(start);
    if (present) return present;
    const added = new Map<number, number>();
    bySpan?.set(start, added);
    return added;
  };

  function* rows(): Generator<number[]> {
    for (const [span, starts] of changes) {
      for (const [start, byText] of starts) {
        for (const [text, change] of byText) if (change !== 0) yield [pipeline, span, start, text, change];
      }
    }
  }

  return {
    /** Adds the counts of a window, by the numbers of their keys, or takes them off. */
    add(window: { start: number }, counts: Iterable<readonly [text: number, count: number]>, sign: 1 | -1) {
      const all = spans.map((span) => changesOf(span, span === wholeSpan ? 0 : spanStart(span, window)));
      for (const [text, count] of counts)
        for (const byText of all) byText.set(text, (byText.get(text) ?? 0) + sign * count);
    },

    async write(session: Session, dialect: Dialect) {
      const keys = ['pipeline_id', 'span', 'span_start', 'text_id'];
      await insertRows(session, dialect, {
        table: 'sums',
        columns: [...keys, 'records'],
        rows: rows(),
        clause: dialect.updatePresent(keys, (incoming) => [`records = dashctl_sums.records + ${incoming('records')}`]),
      });
    },
  };
}
