import { useSettings } from '../../components/settings.ts';
import { formatCount, formatShare } from '../../state/format.ts';
import { formatChange } from './format.ts';
import { type Look, markerPaths } from './look.ts';
import { changeOf } from './rows.ts';
import type { ChartType } from './view.ts';
import { chartsWords } from './words.ts';

export interface LegendRow {
  id: string;
  name: string;
  look: Look;
  count: number;
  /** Of the period before. */
  before: number | undefined;
  /** Part of 1, for shares. */
  share: number | undefined;
  hidden: boolean;
  /** All that is not drawn by itself, which cannot be hidden. */
  isRest?: boolean;
}

interface LegendProps {
  type: ChartType;
  rows: readonly LegendRow[];
  compare: boolean;
  onToggle: (id: string) => void;
}

/** What is drawn, by name, with its sums; a click on a name leaves it out of the drawing. */
export function Legend({ type, rows, compare, onToggle }: LegendProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  return (
    <div className="chart-legend">
      <table aria-label={t.legend}>
        <thead>
          <tr>
            <th scope="col">{t.value}</th>
            <th scope="col">{t.sum}</th>
            {type === 'pie' && <th scope="col">{t.share}</th>}
            {compare && <th scope="col">{t.before}</th>}
            {compare && <th scope="col">{t.change}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                {row.isRest ? (
                  <span className="legend-name">
                    <Sketch type={type} look={row.look} />
                    {row.name}
                  </span>
                ) : (
                  <button
                    type="button"
                    className="legend-name"
                    aria-pressed={!row.hidden}
                    title={row.name}
                    onClick={() => onToggle(row.id)}
                  >
                    <Sketch type={type} look={row.look} />
                    <span>{row.name}</span>
                  </button>
                )}
              </th>
              <td>{formatCount(row.count)}</td>
              {type === 'pie' && <td>{row.hidden || row.share === undefined ? '–' : formatShare(row.share)}</td>}
              {compare && <td className="charts-muted">{row.before === undefined ? '–' : formatCount(row.before)}</td>}
              {compare && <td>{changeText(row.count, row.before, t.isNew)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function changeText(count: number, before: number | undefined, isNew: string): string {
  if (before === undefined) return '–';
  const change = changeOf(count, before);
  if (change === undefined) return count > 0 ? isNew : '–';
  return formatChange(change);
}

/** How a value is drawn: its line with dash and marker, or its colour as a field. */
function Sketch({ type, look }: { type: ChartType; look: Look }) {
  const dash = type === 'line' && look.dash.length > 0 ? { strokeDasharray: look.dash.join(' ') } : {};
  return (
    <svg className={`look look-${look.token}`} viewBox="0 0 24 10" aria-hidden="true">
      {type === 'line' || type === 'area' ? (
        <>
          <path className="look-line" d="M0 5h24" {...dash} />
          <path className="look-mark" d={markerPaths[look.marker]} />
        </>
      ) : (
        <path className="look-mark" d="M7 0h10v10H7Z" />
      )}
    </svg>
  );
}
