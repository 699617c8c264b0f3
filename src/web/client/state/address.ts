import { type PageName, pathOf } from '../../page-names.ts';

/** Parts of a query by name; what is undefined is not in it. */
export type QueryParts = Record<string, string | readonly string[] | undefined>;

/** What an address says of the frame around the pages: it stays from page to page. */
const ofFrame = ['kiosk', 'alert'] as const;

/** The address of a page with a view, to which what is said of the frame is added unless the view says it. */
export function addressOf(page: PageName, query: URLSearchParams, current: URLSearchParams): string {
  const parts = new URLSearchParams(query);
  for (const name of ofFrame) {
    if (!query.has(name)) for (const value of current.getAll(name)) parts.append(name, value);
  }
  return withQuery(page, parts);
}

/** The address of a page with a query. A name without a value is a switch: `?kiosk`. */
export const withQuery = (page: PageName, query: URLSearchParams): string => {
  const text = query.toString().replace(/=(?=&|$)/g, '');
  return text ? `${pathOf(page)}?${text}` : pathOf(page);
};

/** The query after a change of some of its parts. */
export function changedQuery(query: URLSearchParams, parts: QueryParts): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(parts)) {
    changed.delete(name);
    for (const one of value === undefined ? [] : [value].flat()) changed.append(name, one);
  }
  return changed;
}

/** The choice that a part of a query names; undefined when it names none of them. */
export const oneOf = <T extends string>(choices: readonly T[], text: string | null): T | undefined =>
  choices.find((choice) => choice === text);

/** The moment that a part of a query names, in epoch ms or as ISO 8601 has it. */
export function momentFrom(text: string | null): number | undefined {
  if (text === null) return undefined;
  const time = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isSafeInteger(time) ? time : undefined;
}
