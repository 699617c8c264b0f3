import { Box, type Key, Text, useInput, useStdin, useWindowSize } from 'ink';
import { createElement, useState } from 'react';
import type { Palette } from './colors.ts';
import type { DashboardCommand, DashboardState } from './dashboard-state.ts';
import { frame } from './frame.ts';
import type { Line } from './line.ts';
import type { Language } from './texts.ts';

export interface DashboardProps {
  state: DashboardState;
  lang: Language;
  /** null: no escape sequences for looks at all. */
  palette: Palette | null;
  clock: (time: number) => string;
  onCommand: (command: DashboardCommand) => void;
}

/** The screen: draws the state, keeps what the reader has chosen to see, and reports what keys ask for. */
export function Dashboard({ state, lang, palette, clock, onCommand }: DashboardProps) {
  const { columns, rows } = useWindowSize();
  const { isRawModeSupported } = useStdin();
  const [choice, setChoice] = useState({ selected: 0, help: false, log: false });

  const choose = (change: Partial<typeof choice>) => setChoice((before) => ({ ...before, ...change }));
  const step = (by: number) => {
    const count = state.pipelines.length;
    if (count > 0) choose({ selected: (Math.min(choice.selected, count - 1) + by + count) % count });
  };

  const press = (input: string, key: Key) => {
    if (input === 'q' || (key.ctrl && input === 'c')) onCommand('quit');
    else if (choice.help) choose({ help: false });
    else if (input === '?') choose({ help: true });
    else if (input === 'l') choose({ log: !choice.log });
    else if (key.tab || key.leftArrow || key.rightArrow) step((key.tab && key.shift) || key.leftArrow ? -1 : 1);
    else if (/^[1-9]$/.test(input) && Number(input) <= state.pipelines.length) choose({ selected: Number(input) - 1 });
    else report(input);
  };

  useInput(
    (input, key) => {
      // What is typed fast comes as one text; a key without a character comes as none.
      for (const character of input.length > 1 ? input : [input]) press(character, key);
    },
    { isActive: isRawModeSupported },
  );

  const report = (input: string) => {
    const { produce, serve } = state;
    if (input === 'o' && serve) onCommand('open');
    if (!produce || produce.state === 'done') return;
    if (input === ' ') onCommand(produce.state === 'paused' ? 'resume' : 'pause');
    if (input === '+' || input === '=') onCommand('faster');
    if (input === '-' || input === '_') onCommand('slower');
  };

  const lines = frame(state, { ...choice, columns, rows, lang, keys: isRawModeSupported, clock });
  // Rows have no identity but their place, so they are given as arguments: no keys.
  return createElement(
    Box,
    { flexDirection: 'column', width: columns },
    ...lines.map((line) => drawLine(line, palette)),
  );
}

function drawLine(line: Line, palette: Palette | null) {
  const parts = line.map(({ text, tone, bold }) => {
    const color = palette?.[tone];
    return palette && (color || bold)
      ? createElement(Text, { ...(color ? { color } : {}), bold: bold === true }, text)
      : text;
  });
  // A row without text would have no height.
  return createElement(Text, { wrap: 'truncate' }, ...(parts.length > 0 ? parts : [' ']));
}
