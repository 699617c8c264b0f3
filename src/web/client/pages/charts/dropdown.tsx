import { type ReactNode, useEffect, useRef, useState } from 'react';

interface DropdownProps {
  /** What it sets, and to what it is set. */
  name: string;
  value: string;
  children: ReactNode;
}

/** A button that opens a small panel below it; Escape or a click elsewhere closes that. */
export function Dropdown({ name, value, children }: DropdownProps) {
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && !holder.current?.contains(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, [open]);

  return (
    <div className="charts-dropdown" ref={holder}>
      <button
        type="button"
        ref={button}
        className="charts-field"
        aria-expanded={open}
        aria-label={`${name}: ${value}`}
        onClick={() => setOpen(!open)}
      >
        {value}
        <span aria-hidden="true">▾</span>
      </button>
      {open && <div className="charts-dropdown-panel">{children}</div>}
    </div>
  );
}
