import type { ReactNode } from 'react';

interface PlainTableProps {
  /** For those who hear it; to be seen as well where no heading says the same. */
  caption: string;
  captionSeen?: boolean;
  /** Wider than a phone: it scrolls in a region of its own, which takes the caption as its name. */
  wide?: boolean;
  columns: readonly string[];
  rows: readonly { id: string; cells: readonly ReactNode[] }[];
}

/** A small table to be read, its first column naming the rows. */
export function PlainTable({ caption, captionSeen = false, wide = false, columns, rows }: PlainTableProps) {
  const table = (
    <table className="docs-table">
      <caption data-seen={captionSeen}>{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, cells: [first, ...others] }) => (
          <tr key={id}>
            <th scope="row">{first}</th>
            {others.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is what its column says
              <td key={index}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
  if (!wide) return table;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section of the page would be more than this is
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div className="docs-wide" role="region" aria-label={caption} tabIndex={0}>
      {table}
    </div>
  );
}
