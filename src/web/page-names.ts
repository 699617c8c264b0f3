/** The pages, by the last part of their address; the big screen is the start page. */
export const pageNames = ['screen', 'charts', 'tables', 'pipeline', 'docs'] as const;

export type PageName = (typeof pageNames)[number];

/** The address of a page, relative to that of the start page. */
export const pathOf = (page: PageName): string => (page === 'screen' ? './' : `./${page}`);

/** The page at an address; undefined where there is none. */
export function pageAt(pathname: string): PageName | undefined {
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  return last === '' || last === 'index.html' ? 'screen' : pageNames.find((name) => name === last && name !== 'screen');
}
