import { totalOf } from '../../../../records/counts.ts';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { Panel } from '../../components/panel.tsx';
import { useSettings } from '../../components/settings.ts';
import { useMarks } from '../../components/use-alerts.ts';
import type { Totals } from '../../state/feed.ts';
import { genderKeys, rateOf } from '../../state/figures.ts';
import { formatCount, formatRate } from '../../state/format.ts';
import { useToday } from './use-today.ts';

interface TotalsPanelProps {
  pipeline: PipelineInfo;
  totals: Totals | undefined;
  windows: readonly WindowPoint[];
  /** The browser's clock, epoch ms. */
  now: number;
  /** Since the reader's midnight instead of over all. */
  ofToday: boolean;
  onOfToday: (only: boolean) => void;
}

/** All that has been counted so far, or since midnight: a ring, and the same as numbers. */
export function TotalsPanel({ pipeline, totals, windows, now, ofToday, onOfToday }: TotalsPanelProps) {
  const { t } = useSettings();
  const today = useToday(ofToday, pipeline, windows, now);
  const counts = ofToday ? today.counts : totals?.counts;
  const all = counts ? totalOf(counts) : 0;
  const count = (key: string) => counts?.get(key) ?? 0;
  const say = (value: number) => (ofToday && !counts ? '–' : formatCount(value));
  const rateMarked = useMarks()({ kind: 'rate', pipeline: pipeline.name });
  const [female, male] = [count(genderKeys.female), count(genderKeys.male)];
  const unknown = pipeline.unknown.reduce((sum, key) => sum + count(key), 0);
  return (
    <Panel
      className="totals"
      title={t.totals}
      aside={
        <fieldset className="tools panel-aside" aria-label={t.totalsSpan}>
          {[true, false].map((only) => (
            <button key={String(only)} type="button" aria-pressed={only === ofToday} onClick={() => onOfToday(only)}>
              {only ? t.today : t.overall}
            </button>
          ))}
        </fieldset>
      }
    >
      <Ring
        all={all}
        text={today.failed ? t.noAnswer : say(all)}
        parts={[
          ['female', female],
          ['male', male],
          ['unknown', unknown],
        ]}
      />
      <dl>
        <dt>{t.female}</dt>
        <dd data-testid="total-female">{say(female)}</dd>
        <dt>{t.male}</dt>
        <dd data-testid="total-male">{say(male)}</dd>
        <dt>{t.unknown}</dt>
        <dd data-testid="total-unknown">{say(unknown)}</dd>
        <dt>{t.rowsPerSecond}</dt>
        <dd className={rateMarked ? 'marked' : undefined}>{formatRate(rateOf(windows))}</dd>
        <dt>{t.late}</dt>
        <dd data-testid="total-late">{formatCount(totals?.lateDropped ?? 0)}</dd>
      </dl>
    </Panel>
  );
}

const radius = 42;
const length = 2 * Math.PI * radius;
/** Between two parts, in the units of the drawing. */
const slit = 1;

interface RingProps {
  all: number;
  text: string;
  parts: readonly (readonly [kind: string, count: number])[];
}

function Ring({ all, text, parts }: RingProps) {
  let before = 0;
  const arcs = parts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => {
      const start = before;
      before += count / all;
      return { kind, start, share: count / all };
    });
  return (
    <svg className="ring" viewBox="0 0 100 100" aria-hidden="true">
      <circle className="ring-ground" cx="50" cy="50" r={radius} />
      {arcs.map(({ kind, start, share }) => (
        <circle
          key={kind}
          className={`ring-part ring-${kind}`}
          cx="50"
          cy="50"
          r={radius}
          strokeDasharray={`${Math.max(0, share * length - (arcs.length > 1 ? slit : 0))} ${length}`}
          strokeDashoffset={-start * length}
          transform="rotate(-90 50 50)"
        />
      ))}
      <text x="50" y="50" data-length={text.length > 9 ? 'long' : 'short'}>
        {text}
      </text>
    </svg>
  );
}
