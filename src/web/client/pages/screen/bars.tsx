import { useSettings } from '../../components/settings.ts';
import type { Group } from '../../state/figures.ts';
import { formatCount } from '../../state/format.ts';

interface BarsProps {
  name: string;
  /** From top to bottom. */
  groups: readonly Group[];
  /** Rows that the panel has room for; fewer groups stand as closely as if it were full. */
  rows: number;
}

/**
 * Bars from left to right. A bar that changes its rank slides to its new place: rows stay where they are in the
 * document, in the order of their names, and are placed by rank.
 */
export function Bars({ name, groups, rows }: BarsProps) {
  const { t } = useSettings();
  if (groups.length === 0) return <p className="panel-empty">{t.waiting}</p>;
  const most = Math.max(1, ...groups.map(({ count }) => count));
  const ranked = groups.map((group, rank) => ({ ...group, rank })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const summary = groups.map((group) => `${group.name} ${formatCount(group.count)}`).join(', ');
  const wide = Math.max(...groups.map(({ count }) => formatCount(count).length));
  return (
    <div className="bars" role="img" aria-label={`${name}: ${summary}`} data-wide={wide > 7}>
      {ranked.map((group) => (
        <div
          key={group.name}
          className="bar-row"
          style={{ top: `${(100 * group.rank) / rows}%`, height: `${100 / rows}%` }}
        >
          <span className="bar-name">{group.name}</span>
          <span className="bar-track">
            <i style={{ flexGrow: group.count / most }} />
            <span className="bar-value">{formatCount(group.count)}</span>
            <i className="bar-rest" style={{ flexGrow: 1 - group.count / most }} />
          </span>
        </div>
      ))}
    </div>
  );
}
