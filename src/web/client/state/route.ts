import { useMemo, useSyncExternalStore } from 'react';
import { type PageName, pageAt } from '../../page-names.ts';
import { addressOf, changedQuery, type QueryParts, withQuery } from './address.ts';

/** Where the reader is: a page, and what its address says of the view. */
export interface Route {
  /** Undefined at an address where there is no page. */
  page: PageName | undefined;
  query: URLSearchParams;
}

export interface Navigation extends Route {
  /** Goes to a page as a link would: the reader can come back. */
  go(page: PageName, query?: URLSearchParams): void;
  /** Writes the view of this page into its address, so that the address reproduces it. */
  note(query: URLSearchParams): void;
  /** Writes some of it only; what is undefined is taken out. */
  change(parts: QueryParts): void;
}

const listeners = new Set<() => void>();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
};

const tell = () => {
  for (const listener of listeners) listener();
};

/** The address of the page as state: history, links and bookmarks work as a reader expects. */
export function useNavigation(): Navigation {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  return useMemo(() => {
    const { pathname, searchParams: query } = new URL(address, location.origin);
    const page = pageAt(pathname);
    const replace = (next: string) => {
      history.replaceState(null, '', next);
      tell();
    };
    return {
      page,
      query,
      go(target, view = new URLSearchParams()) {
        history.pushState(null, '', addressOf(target, view, new URLSearchParams(location.search)));
        scrollTo(0, 0);
        tell();
      },
      note: (view) => replace(addressOf(page ?? 'screen', view, new URLSearchParams(location.search))),
      change: (parts) =>
        replace(withQuery(page ?? 'screen', changedQuery(new URLSearchParams(location.search), parts))),
    };
  }, [address]);
}
