import type { Pace } from '../../csv/pace.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { DashboardCommand, LogLine } from '../../tui/dashboard-state.ts';
import { terminalView } from '../../tui/terminal-view.tsx';
import type { StageContext } from '../shared/flags.ts';
import { dashboardStates } from './dashboard.ts';
import { openInBrowser } from './open-in-browser.ts';
import type { View } from './stages.ts';
import type { Watched } from './watched.ts';

export interface ScreenViewOptions {
  context: StageContext;
  watched: Watched;
  pace: Pace;
  log: readonly LogLine[];
  quit: () => void;
}

const redraw = 250;

// The steps of + and −: 1, 2, 5, 10, 20, 50 … rows a second.
const steps = [1, 2, 5]
  .flatMap((digit) => Array.from({ length: 7 }, (_, power) => digit * 10 ** power))
  .sort((a, b) => a - b);

/** The next rate above or below one; without bound above the highest step. */
export function nextRate(rate: number, direction: 'faster' | 'slower'): number {
  if (direction === 'faster') return steps.find((step) => step > rate) ?? Number.POSITIVE_INFINITY;
  return steps.findLast((step) => step < rate) ?? rate;
}

/** The terminal view over running stages. */
export function screenView({ context, watched, pace, log, quit }: ScreenViewOptions): View {
  const { status, store, figures } = watched;
  const commands: Record<DashboardCommand, () => void> = {
    quit,
    pause: () => pace.pause(),
    resume: () => pace.resume(),
    faster: () => pace.setRate(nextRate(pace.target, 'faster')),
    slower: () => pace.setRate(nextRate(pace.target, 'slower')),
    open: () => status.serve && openInBrowser(status.serve.url, context.logger),
  };
  const view = terminalView({
    stdout: process.stdout,
    stdin: process.stdin,
    lang: context.lang,
    color: context.color,
    onCommand: (command) => commands[command](),
  });
  const stateOf = dashboardStates({ pipelines: context.pipelines, store, figures, log });
  let drawing: Promise<void> | undefined;
  // A database may be slow, or away: then there is the next time.
  const draw = () => {
    drawing ??= stateOf(status, Date.now())
      .then((state) => view.update(state))
      .catch((error: unknown) => context.logger.debug(`the view was not drawn: ${messageOf(error)}`))
      .finally(() => {
        drawing = undefined;
      });
  };
  const timer = setInterval(draw, redraw);
  let summary = '';
  return {
    report: (text) => {
      summary = text;
    },
    stopping() {
      status.connection = 'stopping';
      draw();
    },
    async close() {
      clearInterval(timer);
      await drawing;
      view.close();
      await view.closed;
      process.stderr.write(summary);
    },
  };
}
