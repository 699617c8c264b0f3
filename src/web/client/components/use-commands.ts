import { useEffect, useRef } from 'react';
import { type Command, commandOf } from './commands.ts';

/** Runs the commands of keys pressed anywhere on the page; an open dialog keeps them to itself. */
export function useCommands(run: (command: Command) => boolean): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector('dialog[open]')) return;
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      const { key, ctrlKey, metaKey, altKey, isComposing, defaultPrevented, repeat } = event;
      const command = commandOf({
        ...{ key, ctrlKey, metaKey, altKey, isComposing, defaultPrevented, repeat },
        tagName: target.tagName,
        editable: target.isContentEditable,
      });
      if (command && latest.current(command)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
