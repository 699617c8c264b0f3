import type { FeedState } from '../state/feed.ts';
import { formatCount, formatTime } from '../state/format.ts';
import { type Alert, textOf } from '../state/rules.ts';
import { Icon } from './icons.tsx';
import { foundOf, sentenceOf } from './rule-words.ts';
import { useSettings } from './settings.ts';

interface StripProps {
  state: FeedState;
  alerts: readonly Alert[];
  onResume: () => void;
}

/** Under the header, while there is something that a reader must know before the numbers: limits crossed, and a pause. */
export function Strip({ state, alerts, onResume }: StripProps) {
  const { t, language } = useSettings();
  const { paused, waiting, pipelines } = state;
  return (
    <div className="strip" data-empty={!paused && alerts.length === 0}>
      {paused && (
        <div className="strip-part paused-mark">
          <Icon name="pause" />
          <strong role="status">{t.paused}</strong>
          <span>{t.windowsWaiting(formatCount(waiting))}</span>
          <button type="button" className="button" onClick={onResume}>
            {t.resume}
          </button>
        </div>
      )}
      {/* Told once, when a limit is crossed; the number, which changes all the time, is not read out again and again. */}
      <div role="alert" className="alerts">
        {alerts.map((alert) => (
          <div key={textOf(alert.rule)} className="strip-part alert">
            <Icon name="alert" />
            <strong>
              {t.alert}
              {t.colon}
              {sentenceOf(alert.rule, pipelines, t, language)}
            </strong>
            <span aria-hidden="true">{t.alertNow(foundOf(alert), formatTime(alert.since))}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
