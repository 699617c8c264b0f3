import { createContext, use, useMemo, useRef, useState } from 'react';
import { keepRules, keptRules } from '../preferences.ts';
import type { FeedState } from '../state/feed.ts';
import type { Navigation } from '../state/route.ts';
import { type Alert, alertsAt, idOf, type Rule, rulesOf, type Subject, textOf } from '../state/rules.ts';

/** Names of what crosses a limit now, so that its number is marked wherever it stands. */
export const Marks = createContext<ReadonlySet<string>>(new Set());

/** Tells whether the number of a subject is to be marked. */
export function useMarks(): (subject: Subject) => boolean {
  const marks = use(Marks);
  return (subject) => marks.has(idOf(subject));
}

export interface Alerts {
  rules: readonly Rule[];
  /** Keeps other rules instead. */
  change(rules: readonly Rule[]): void;
  alerts: readonly Alert[];
  marks: ReadonlySet<string>;
}

/** The reader's rules and what they find. Those in the address go before those that this browser keeps. */
export function useAlerts(navigation: Navigation, state: FeedState, now: number): Alerts {
  const [kept, setKept] = useState(keptRules);
  const ofAddress = navigation.query.getAll('alert');
  const texts = (navigation.query.has('alert') ? ofAddress : kept).join('\n');
  const rules = useMemo(() => rulesOf(texts.split('\n')), [texts]);
  const held = useRef<readonly Alert[]>([]);
  held.current = alertsAt(held.current, rules, state, now);
  const alerts = held.current;
  const names = alerts.map(({ rule }) => idOf(rule.subject)).join('\n');
  const marks = useMemo(() => new Set(names === '' ? [] : names.split('\n')), [names]);
  return {
    rules,
    change(changed) {
      const lines = changed.map(textOf);
      keepRules(lines);
      setKept(lines);
      if (navigation.query.has('alert')) navigation.change({ alert: lines.length > 0 ? lines : '' });
    },
    alerts,
    marks,
  };
}
