import { useState } from 'react';
import { useSettings } from '../../components/settings.ts';
import { formatMoment } from '../../state/format.ts';
import type { Pair } from './rows.ts';
import { chartsWords } from './words.ts';

interface DataTableProps {
  names: readonly string[];
  pairs: readonly Pair[];
  compare: boolean;
  format: (value: number) => string;
  zone: string;
}

const mostRows = 100;

/** What is drawn, in numbers: for those who cannot see the drawing, and those who want to be exact. */
export function DataTable({ names, pairs, compare, format, zone }: DataTableProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const [open, setOpen] = useState(false);
  const newest = pairs.slice(-mostRows).reverse();
  return (
    <details className="chart-data" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.data(newest.length)}</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section className="chart-data-scroll" aria-label={t.data(newest.length)} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">
                  {t.time} ({zone})
                </th>
                {names.map((name) => (
                  <th scope="col" key={name}>
                    {name}
                  </th>
                ))}
                {compare &&
                  names.map((name) => (
                    <th scope="col" key={name}>
                      {name} ({t.before})
                    </th>
                  ))}
              </tr>
            </thead>
            <tbody>
              {newest.map(({ at, now, before }) => (
                <tr key={at}>
                  <th scope="row">{formatMoment(now?.start ?? at)}</th>
                  {names.map((name, index) => (
                    <td key={name}>{now ? format(now.values[index] ?? 0) : '–'}</td>
                  ))}
                  {compare &&
                    names.map((name, index) => <td key={name}>{before ? format(before.values[index] ?? 0) : '–'}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
