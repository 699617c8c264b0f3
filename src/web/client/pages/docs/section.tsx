import type { ReactNode } from 'react';
import type { DocsWords, SectionId } from './words.ts';

/** A part of the page that a link can lead to. */
export function Section({ id, t, children }: { id: SectionId; t: DocsWords; children: ReactNode }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>
        {t.sections[id]}
        <a className="docs-anchor" href={`#${id}`} aria-label={t.sections[id]}>
          #
        </a>
      </h3>
      {children}
    </section>
  );
}
