import { useSettings } from '../../components/settings.ts';
import type { Group } from '../../state/figures.ts';
import { formatCount } from '../../state/format.ts';

/** Columns in their own order, as parts of all. */
export function Columns({ name, groups }: { name: string; groups: readonly Group[] }) {
  const { t } = useSettings();
  const all = groups.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return <p className="panel-empty">{t.waiting}</p>;
  const most = Math.max(...groups.map(({ count }) => count));
  const percent = (count: number) => {
    const share = (100 * count) / all;
    return count > 0 && share < 0.5 ? '<1%' : `${Math.round(share)}%`;
  };
  const summary = groups.map((group) => `${group.name} ${formatCount(group.count)}`).join(', ');
  return (
    <div className="columns" role="img" aria-label={`${name}: ${summary}`}>
      {groups.map((group) => (
        <div key={group.name} className="column">
          <span className="column-plot">
            <span className="column-value">{percent(group.count)}</span>
            <i className="column-bar" style={{ height: `${(100 * group.count) / most}%` }} />
          </span>
          <span className="column-name">{group.name}</span>
        </div>
      ))}
    </div>
  );
}
