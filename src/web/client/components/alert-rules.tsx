import { type FormEvent, useState } from 'react';
import type { FeedState } from '../state/feed.ts';
import { mostRules, type Rule, subjectOf, textOf } from '../state/rules.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icons.tsx';
import { sentenceOf, subjectsOf, unitOf } from './rule-words.ts';
import { useSettings } from './settings.ts';

interface AlertRulesProps {
  rules: readonly Rule[];
  state: FeedState;
  onChange: (rules: readonly Rule[]) => void;
  onClose: () => void;
}

/** The thresholds that the reader wants to be told of. */
export function AlertRules({ rules, state, onChange, onClose }: AlertRulesProps) {
  const { t, language } = useSettings();
  return (
    <Dialog title={t.alertRules} onClose={onClose}>
      <p className="dialog-text">{rules.length === 0 ? t.noRules : t.rulesKept}</p>
      {rules.length > 0 && (
        <ul className="rules">
          {rules.map((rule) => (
            <li key={textOf(rule)}>
              <span>{sentenceOf(rule, state.pipelines, t, language)}</span>
              <button
                type="button"
                className="icon-button"
                aria-label={t.removeRule(sentenceOf(rule, state.pipelines, t, language))}
                onClick={() => onChange(rules.filter((other) => other !== rule))}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {rules.length < mostRules ? <NewRule {...{ rules, state, onChange }} /> : <p>{t.rulesFull(mostRules)}</p>}
      {rules.length > 0 && (
        <label className="rule-link">
          {t.ruleLink}
          <input type="text" readOnly value={linkWith(rules)} onFocus={({ target }) => target.select()} />
        </label>
      )}
    </Dialog>
  );
}

function NewRule({ rules, state, onChange }: Omit<AlertRulesProps, 'onClose'>) {
  const { t, language } = useSettings();
  const groups = subjectsOf(state, t, language);
  const [chosen, setChosen] = useState<string>();
  const [above, setAbove] = useState(true);
  const [limit, setLimit] = useState('');
  const id = chosen ?? groups[0]?.subjects[0]?.id ?? '';
  const subject = subjectOf(id);

  const add = (event: FormEvent) => {
    event.preventDefault();
    if (!subject || limit === '') return;
    const rule: Rule = { subject, above, limit: Math.round(Number(limit) * 1_000) / 1_000 };
    if (!rules.some((other) => textOf(other) === textOf(rule))) onChange([...rules, rule]);
    setLimit('');
  };
  return (
    <form className="new-rule" onSubmit={add}>
      <select aria-label={t.ruleSubject} value={id} onChange={({ target }) => setChosen(target.value)}>
        {groups.map(({ name, subjects }) => (
          <optgroup key={name} label={name}>
            {subjects.map((entry) => (
              <option key={entry.id} value={entry.id}>
                {entry.name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <select
        aria-label={t.ruleSide}
        value={above ? 'above' : 'below'}
        onChange={({ target }) => setAbove(target.value === 'above')}
      >
        <option value="above">{t.above}</option>
        <option value="below">{t.below}</option>
      </select>
      <span className="rule-limit">
        <input
          type="number"
          required
          min="0"
          max="999999999999"
          step="any"
          aria-label={t.ruleLimit}
          value={limit}
          onChange={({ target }) => setLimit(target.value)}
        />
        {subject && <span>{unitOf(subject, t)}</span>}
      </span>
      <button type="submit" className="button">
        {t.addRule}
      </button>
    </form>
  );
}

/** The big screen for a wall, with these rules. */
function linkWith(rules: readonly Rule[]): string {
  const url = new URL('./', document.baseURI);
  url.search = new URLSearchParams(rules.map((rule) => ['alert', textOf(rule)])).toString();
  url.search = `kiosk&${url.search.slice(1)}`;
  return url.href;
}
