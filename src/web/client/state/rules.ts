import { sameNamed } from '../../../records/labels.ts';
import { isReplay } from './condition.ts';
import type { FeedState } from './feed.ts';
import { rateOf } from './figures.ts';

/** What a rule looks at. Delay and quiet are seconds. */
export type Subject =
  | { kind: 'value'; pipeline: string; value: string }
  | { kind: 'rate'; pipeline: string }
  | { kind: 'delay' | 'late' | 'rejected' | 'quiet' };

/** Something to be told of when it lies above or below a limit. */
export interface Rule {
  subject: Subject;
  above: boolean;
  limit: number;
}

export interface Alert {
  rule: Rule;
  /** What was found last. */
  found: number;
  /** Since when and until when, by the browser's clock. */
  since: number;
  until: number;
}

/** Rules that a page keeps. */
export const mostRules = 6;

/** Names a subject, for what marks its number. */
export const idOf = (subject: Subject): string =>
  [
    subject.kind,
    'pipeline' in subject ? subject.pipeline : undefined,
    subject.kind === 'value' ? subject.value : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(':');

/** A rule as text, for links and the browser's store: `value:gender:0>60`. */
export const textOf = ({ subject, above, limit }: Rule): string => `${idOf(subject)}${above ? '>' : '<'}${limit}`;

const form = /^(?<name>.+)(?<sign>[<>])(?<limit>\d{1,12}(?:\.\d{1,3})?)$/s;

/** The rule that a text says; undefined where it says none. */
export function ruleOf(text: string): Rule | undefined {
  const { name, sign, limit } = form.exec(text)?.groups ?? {};
  const subject = name === undefined ? undefined : subjectOf(name);
  return subject && { subject, above: sign === '>', limit: Number(limit) };
}

/** The subject of a name as `idOf` makes them. */
export function subjectOf(name: string): Subject | undefined {
  const [kind, pipeline, ...value] = name.split(':');
  if (kind === 'delay' || kind === 'late' || kind === 'rejected' || kind === 'quiet') {
    return pipeline === undefined ? { kind } : undefined;
  }
  if (!pipeline) return undefined;
  if (kind === 'rate') return value.length === 0 ? { kind, pipeline } : undefined;
  return kind === 'value' && value.length > 0 ? { kind, pipeline, value: value.join(':') } : undefined;
}

/** Rules without those that say nothing or the same, as many as a page keeps. */
export const rulesOf = (texts: readonly string[]): Rule[] =>
  [...new Set(texts)].flatMap((text) => ruleOf(text) ?? []).slice(0, mostRules);

/** What a subject is at now; undefined where that is not known. */
export function findingOf(subject: Subject, state: FeedState, now: number): number | undefined {
  const { windows, status, delay, windowAt } = state;
  switch (subject.kind) {
    case 'value': {
      const last = windows.get(subject.pipeline)?.at(-1);
      const keys = sameNamed(
        state.pipelines.find(({ name }) => name === subject.pipeline)?.labels ?? {},
        subject.value,
      );
      return last && keys.reduce((sum, key) => sum + (last.counts[key] ?? 0), 0);
    }
    case 'rate': {
      const own = windows.get(subject.pipeline);
      return own && own.length > 0 ? rateOf(own) : undefined;
    }
    case 'delay':
      return delay === undefined || isReplay(delay) ? undefined : delay / 1_000;
    case 'quiet':
      return windowAt === undefined ? undefined : Math.max(0, now - windowAt) / 1_000;
    default:
      return status[subject.kind];
  }
}

/** So long an alert stays after its limit was last crossed, so that what goes to and fro does not flicker. */
const hold = 5_000;

/** The alerts at a moment: those whose limit is crossed, and those for which that was so a moment before. */
export function alertsAt(before: readonly Alert[], rules: readonly Rule[], state: FeedState, now: number): Alert[] {
  return rules.flatMap((rule) => {
    const held = before.find((alert) => textOf(alert.rule) === textOf(rule));
    const found = findingOf(rule.subject, state, now);
    const crossed = found !== undefined && (rule.above ? found > rule.limit : found < rule.limit);
    if (crossed) return [{ rule, found, since: held?.since ?? now, until: now + hold }];
    return held && held.until > now ? [held] : [];
  });
}
