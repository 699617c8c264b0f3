import { Fragment, useEffect, useRef, useState } from 'react';
import type { DocsWords } from './words.ts';

interface CodeBlockProps {
  /** What the code is. */
  label: string;
  code: string;
  t: DocsWords;
}

const shown = 2_000;

/** Code with what it is and a button that copies it; long lines wrap, after commas first. */
export function CodeBlock({ label, code, t }: CodeBlockProps) {
  const text = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), shown);
    return () => clearTimeout(timer);
  }, [said]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setSaid(t.copied);
    } catch {
      // Browsers give the clipboard only to pages that they trust; then the reader copies what is selected.
      if (text.current) getSelection()?.selectAllChildren(text.current);
      setSaid(t.selected);
    }
  };
  return (
    <figure className="docs-code">
      <figcaption>
        <span>{label}</span>
        <output>{said}</output>
        <button type="button" aria-label={`${t.copy}: ${label}`} onClick={copy}>
          {t.copy}
        </button>
      </figcaption>
      <pre>
        <code ref={text}>
          {code.split(/(?<=,)/).map((piece, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no other name
            <Fragment key={index}>
              {index > 0 && <wbr />}
              {piece}
            </Fragment>
          ))}
        </code>
      </pre>
    </figure>
  );
}
