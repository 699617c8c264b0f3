import type { KeyboardEvent } from 'react';
import { type Tab, tabs } from './view.ts';

interface TabsProps {
  label: string;
  names: Record<Tab, string>;
  current: Tab;
  /** Id of the part of the page that the tabs change. */
  controls: string;
  onChoose: (tab: Tab) => void;
}

export const tabId = (tab: Tab) => `tab-${tab}`;

/** The two tables; one stop of the Tab key, arrows go from one to the other. */
export function Tabs({ label, names, current, controls, onChoose }: TabsProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length] ?? current;
    onChoose(next);
    document.getElementById(tabId(next))?.focus();
  };
  return (
    <div className="tables-tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={tabId(tab)}
          aria-selected={tab === current}
          aria-controls={controls}
          tabIndex={tab === current ? 0 : -1}
          onClick={() => onChoose(tab)}
        >
          {names[tab]}
        </button>
      ))}
    </div>
  );
}
