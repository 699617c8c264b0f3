import { useSyncExternalStore } from 'react';
import { type PageName, pageAt, pathOf } from '../../page-names.ts';

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

const addressOf = (page: PageName, query?: URLSearchParams) => {
  const text = query?.toString();
  return text ? `${pathOf(page)}?${text}` : pathOf(page);
};

/** The address of the page as state: history, links and bookmarks work as a reader expects. */
export function useNavigation(): Navigation {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const url = new URL(address, location.origin);
  const page = pageAt(url.pathname);
  return {
    page,
    query: url.searchParams,
    go(target, query) {
      history.pushState(null, '', addressOf(target, query));
      scrollTo(0, 0);
      tell();
    },
    note(query) {
      history.replaceState(null, '', addressOf(page ?? 'screen', query));
      tell();
    },
  };
}
