import type { MouseEvent, ReactNode } from 'react';
import { type PageName, pathOf } from '../../page-names.ts';
import type { Navigation } from '../state/route.ts';

interface PageLinkProps {
  page: PageName;
  navigation: Navigation;
  className?: string;
  /** What it is called where its content has no words. */
  name?: string;
  children: ReactNode;
}

/** A link to another page of this one: opened here without loading anew, in a new tab when that is asked for. */
export function PageLink({ page, navigation, className, name, children }: PageLinkProps) {
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigation.go(page);
  };
  const current = navigation.page === page ? { 'aria-current': 'page' as const } : {};
  return (
    <a href={pathOf(page)} className={className} aria-label={name} onClick={onClick} {...current}>
      {children}
    </a>
  );
}
