import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { Panel } from '../../components/panel.tsx';
import { useSettings } from '../../components/settings.ts';
import type { Totals } from '../../state/feed.ts';
import { genderKeys, rateOf, sumOf } from '../../state/figures.ts';
import { formatCount, formatRate } from '../../state/format.ts';

interface TotalsPanelProps {
  pipeline: PipelineInfo;
  totals: Totals | undefined;
  windows: readonly WindowPoint[];
}

/** All that has been counted so far: a ring, and the same as numbers. */
export function TotalsPanel({ pipeline, totals, windows }: TotalsPanelProps) {
  const { t } = useSettings();
  const all = sumOf(totals);
  const count = (key: string) => totals?.counts.get(key) ?? 0;
  const [female, male] = [count(genderKeys.female), count(genderKeys.male)];
  const unknown = pipeline.unknown.reduce((sum, key) => sum + count(key), 0);
  return (
    <Panel className="totals" title={t.totals}>
      <Ring
        all={all}
        parts={[
          ['female', female],
          ['male', male],
          ['unknown', unknown],
        ]}
      />
      <dl>
        <dt>{t.female}</dt>
        <dd data-testid="total-female">{formatCount(female)}</dd>
        <dt>{t.male}</dt>
        <dd data-testid="total-male">{formatCount(male)}</dd>
        <dt>{t.unknown}</dt>
        <dd data-testid="total-unknown">{formatCount(unknown)}</dd>
        <dt>{t.rowsPerSecond}</dt>
        <dd>{formatRate(rateOf(windows))}</dd>
      </dl>
    </Panel>
  );
}

const radius = 42;
const length = 2 * Math.PI * radius;
/** Between two parts, in the units of the drawing. */
const slit = 1;

function Ring({ all, parts }: { all: number; parts: readonly (readonly [kind: string, count: number])[] }) {
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
      <text x="50" y="50" data-length={formatCount(all).length > 9 ? 'long' : 'short'}>
        {formatCount(all)}
      </text>
    </svg>
  );
}
