import { render } from 'ink';
import { paletteOf } from './colors.ts';
import { Dashboard } from './dashboard.tsx';
import type { DashboardCommand, DashboardState } from './dashboard-state.ts';
import { clockFormat } from './format.ts';
import type { Language } from './texts.ts';

export interface TerminalViewOptions {
  /** The terminal to draw on; its size is followed. */
  stdout: NodeJS.WritableStream & { isTTY?: boolean; getColorDepth?: () => number };
  /** Where keys come from; when it is no terminal there are none. */
  stdin: NodeJS.ReadableStream;
  lang: Language;
  /** false: no escape sequences for looks at all. */
  color: boolean;
  /** What the terminal's own background is; dark unless said. */
  ground?: 'dark' | 'light';
  /** As `Intl` names it; the machine's own unless said. */
  timeZone?: string;
  /** Called when a key asks for something that the view can not do by itself. */
  onCommand: (command: DashboardCommand) => void;
}

export interface TerminalView {
  /** Shows a state; may be called at any pace, the screen changes at most five times a second. */
  update(state: DashboardState): void;
  /** Gives the terminal back as it was. Calling it again does nothing. */
  close(): void;
  /** Resolves when the terminal has been given back; rejects when drawing itself failed. */
  closed: Promise<void>;
}

/** Least time between two states on the screen; keys are answered at once. */
const interval = 200;

const nothingYet: DashboardState = {
  now: Number.NaN,
  source: null,
  connection: 'connecting',
  delay: null,
  pipelines: [],
  produce: null,
  aggregate: null,
  sink: null,
  serve: null,
  broker: null,
  log: [],
  error: null,
};

/**
 * Opens the view on the terminal's alternate screen. The terminal is given back by `close`, and also when the process
 * ends in any other way that it can still act on.
 */
export function terminalView(options: TerminalViewOptions): TerminalView {
  const { stdout, stdin, lang, color, ground = 'dark', timeZone, onCommand } = options;
  const depthBits = stdout.getColorDepth?.() ?? 24;
  const look = { lang, palette: color ? paletteOf(ground, depthBits) : null, clock: clockFormat(timeZone), onCommand };
  const screen = render(<Dashboard state={nothingYet} {...look} />, {
    stdout,
    stdin,
    alternateScreen: true,
    incrementalRendering: true,
    // Ctrl-C has to drain first, and the one who drains decides when that is done.
    exitOnCtrlC: false,
    // Lines of the log are part of the state; Ink would print what it catches into the middle of the screen.
    patchConsole: false,
    // Ink draws nothing until the end where it suspects a build server; a terminal that was asked for is one.
    interactive: stdout.isTTY === true,
  });

  let waiting: DashboardState | null = null;
  let timer: NodeJS.Timeout | null = null;
  let open = true;
  const draw = (state: DashboardState) => {
    waiting = null;
    screen.rerender(<Dashboard state={state} {...look} />);
    timer = setTimeout(() => {
      timer = null;
      if (waiting) draw(waiting);
    }, interval);
    timer.unref();
  };
  const end = () => {
    open = false;
    if (timer) clearTimeout(timer);
  };
  const closed = screen.waitUntilExit().then(end, (error: unknown) => {
    end();
    throw error;
  });
  // Whoever awaits it hears of a failure; whoever does not must not be ended by it.
  closed.catch(() => {});

  return {
    update(state) {
      if (!open) return;
      if (timer) waiting = state;
      else draw(state);
    },
    close() {
      if (!open) return;
      end();
      screen.unmount();
    },
    closed,
  };
}
