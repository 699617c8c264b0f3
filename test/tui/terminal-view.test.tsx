import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DashboardCommand, DashboardState } from '../../src/tui/dashboard-state.ts';
import { type TerminalView, terminalView } from '../../src/tui/terminal-view.tsx';
import { liveState } from './_states.ts';

// Ink's colours look at the environment once, when they are loaded.
vi.hoisted(() => {
  process.env.FORCE_COLOR = '3';
});

const esc = '\u001b';
const enterScreen = `${esc}[?1049h`;
const leaveScreen = `${esc}[?1049l`;
const showCursor = `${esc}[?25h`;

const views: TerminalView[] = [];
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  for (const view of views.splice(0)) view.close();
  vi.useRealTimers();
});

/** A terminal made of streams: what was written to it, and keys to be typed. */
function terminal({ keyboard = true, colorBits = 24 } = {}) {
  let written = '';
  const stdout = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    rows: 30,
    getColorDepth: () => colorBits,
  });
  stdout.on('data', (chunk) => {
    written += chunk;
  });
  const rawModes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: keyboard,
    setRawMode: (raw: boolean) => rawModes.push(raw),
    ref: () => {},
    unref: () => {},
  });
  return {
    stdout,
    stdin,
    rawModes,
    takeWritten: () => {
      const taken = written;
      written = '';
      return taken;
    },
  };
}

function open(options: { keyboard?: boolean; colorBits?: number; color?: boolean } = {}) {
  const screen = terminal(options);
  const commands: DashboardCommand[] = [];
  const view = terminalView({
    stdout: screen.stdout,
    stdin: screen.stdin,
    lang: 'en',
    color: options.color ?? false,
    timeZone: 'UTC',
    onCommand: (command) => commands.push(command),
  });
  views.push(view);
  return { ...screen, view, commands };
}

const failing = (message: string): DashboardState => ({ ...liveState(), error: { message, hint: null } });

describe('terminalView', () => {
  test('opens the alternate screen with a sentence before it knows anything, and gives the terminal back', async () => {
    const { view, takeWritten, rawModes } = open();
    await vi.advanceTimersByTimeAsync(50);
    const first = takeWritten();
    expect(first).toContain(enterScreen);
    expect(first).toContain('starting');
    view.close();
    await view.closed;
    const last = takeWritten();
    expect(last).toContain(leaveScreen);
    expect(last.lastIndexOf(showCursor)).toBeGreaterThan(last.indexOf(leaveScreen));
    expect(rawModes).toEqual([true, false]);
  });

  test('shows at most five states a second, and always the newest', async () => {
    const { view, takeWritten } = open();
    await vi.advanceTimersByTimeAsync(1_000);
    for (const word of ['alpha', 'bravo', 'charlie']) view.update(failing(word));
    await vi.advanceTimersByTimeAsync(150);
    expect(takeWritten()).toMatch(/alpha/);
    await vi.advanceTimersByTimeAsync(100);
    const second = takeWritten();
    expect(second).toContain('charlie');
    expect(second).not.toContain('bravo');
    view.update(failing('delta'));
    await vi.advanceTimersByTimeAsync(100);
    expect(takeWritten()).not.toContain('delta');
    await vi.advanceTimersByTimeAsync(150);
    expect(takeWritten()).toContain('delta');
  });

  test('nothing is written when nothing has changed', async () => {
    const { view, takeWritten } = open();
    view.update(liveState());
    await vi.advanceTimersByTimeAsync(1_000);
    takeWritten();
    view.update(liveState());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(takeWritten()).toBe('');
  });

  test('passes on what keys ask for', async () => {
    const { view, stdin, commands } = open();
    view.update(liveState());
    await vi.advanceTimersByTimeAsync(50);
    for (const key of [' ', '\u0003']) {
      stdin.write(key);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(commands).toEqual(['pause', 'quit']);
  });

  test('works without a keyboard', async () => {
    const { view, rawModes, takeWritten } = open({ keyboard: false });
    view.update(liveState());
    await vi.advanceTimersByTimeAsync(500);
    expect(rawModes).toEqual([]);
    expect(takeWritten()).toContain('Ctrl-C');
  });

  test('an update after the end is nothing, and so is a second end', async () => {
    const { view, takeWritten } = open();
    view.close();
    await view.closed;
    takeWritten();
    view.update(failing('alpha'));
    view.close();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(takeWritten()).toBe('');
  });

  test('a fault in drawing gives the terminal back and is told to whoever waits', async () => {
    const { view, takeWritten } = open();
    const pipelines = new Proxy([], {
      get() {
        throw new Error('broken state');
      },
    });
    view.update({ ...liveState(), pipelines });
    await expect(view.closed).rejects.toThrow('broken state');
    expect(takeWritten()).toContain(leaveScreen);
  });
});

describe('colour', () => {
  const shown = async (options: Parameters<typeof open>[0]) => {
    const { view, takeWritten } = open(options);
    view.update(liveState());
    await vi.advanceTimersByTimeAsync(500);
    return takeWritten();
  };

  test('the pair has the colours of the page', async () => {
    const written = await shown({ color: true });
    expect(written).toContain(`${esc}[38;2;255;138;101m`);
    expect(written).toContain(`${esc}[38;2;79;195;247m`);
  });

  test('a terminal of sixteen colours gets named ones', async () => {
    const written = await shown({ color: true, colorBits: 4 });
    expect(written).toContain(`${esc}[33m`);
    expect(written).toContain(`${esc}[96m`);
    expect(written).not.toContain(`${esc}[38;`);
  });

  test('without colour there is not one sequence for looks', async () => {
    expect(await shown({ color: false })).not.toMatch(new RegExp(`${esc}\\[[\\d;]*m`));
  });
});
