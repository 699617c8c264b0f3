import { render } from 'ink-testing-library';
import { afterEach, describe, expect, test } from 'vitest';
import { Dashboard } from '../../src/tui/dashboard.tsx';
import type { DashboardCommand, DashboardState } from '../../src/tui/dashboard-state.ts';
import { liveState, utc, widest } from './_states.ts';

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The component on a terminal of 100 × 30, its last frame, and what it has asked for. */
async function open(state: DashboardState = liveState()) {
  const commands: DashboardCommand[] = [];
  const element = (next: DashboardState) => (
    <Dashboard state={next} lang="en" palette={null} clock={utc} onCommand={(command) => commands.push(command)} />
  );
  const { stdout, stdin, lastFrame, rerender, unmount } = render(element(state));
  opened.push(unmount);
  const resize = async (columns: number, rows: number) => {
    Object.defineProperty(stdout, 'columns', { value: columns, configurable: true });
    Object.defineProperty(stdout, 'rows', { value: rows, configurable: true });
    stdout.emit('resize');
    await turn();
  };
  await turn();
  await resize(100, 30);
  return {
    commands,
    resize,
    text: () => lastFrame() ?? '',
    show: (next: DashboardState) => rerender(element(next)),
    press: async (...keys: string[]) => {
      for (const key of keys) {
        stdin.write(key);
        await turn();
      }
    },
  };
}

describe('the component', () => {
  test('draws the screen that the frame describes, line for line', async () => {
    const { text } = await open();
    await expect(`${text()}\n`).toMatchFileSnapshot('../golden/terminal-100x30-en.txt');
  });

  test('without colour nothing but text is written', async () => {
    const { text } = await open();
    expect(text()).not.toContain('\u001b');
  });

  test('follows the size of the terminal', async () => {
    const { text, resize } = await open();
    await resize(60, 20);
    const lines = text().split('\n');
    expect(lines).toHaveLength(20);
    expect(widest(lines.map((line) => [{ text: line, tone: 'text' }]))).toBeLessThanOrEqual(60);
  });

  test('shows the state that it is given next', async () => {
    const { text, show } = await open();
    show({ ...liveState(), connection: 'reconnecting' });
    expect(text()).toContain('◌ reconnecting');
  });
});

describe('keys', () => {
  test('q and Ctrl-C ask to quit, each time', async () => {
    const { commands, press } = await open();
    await press('q', '\u0003', 'q');
    expect(commands).toEqual(['quit', 'quit', 'quit']);
  });

  test('space pauses what runs and resumes what is paused', async () => {
    const state = liveState();
    const { commands, press, show } = await open(state);
    await press(' ');
    show({ ...state, produce: state.produce && { ...state.produce, state: 'paused' } });
    await press(' ');
    expect(commands).toEqual(['pause', 'resume']);
  });

  test('+ and - change the rate, with and without shift', async () => {
    const { commands, press } = await open();
    await press('+', '=', '-', '_');
    expect(commands).toEqual(['faster', 'faster', 'slower', 'slower']);
  });

  test('keys that are typed so fast that they come together are all heard', async () => {
    const { commands, press } = await open();
    await press(' +');
    expect(commands).toEqual(['pause', 'faster']);
  });

  test('o opens the page if there is one', async () => {
    const state = liveState();
    const { commands, press, show } = await open(state);
    await press('o');
    show({ ...state, serve: null });
    await press('o');
    expect(commands).toEqual(['open']);
  });

  test('a replay that is over takes no more orders', async () => {
    const state = liveState();
    const { commands, press } = await open({ ...state, produce: state.produce && { ...state.produce, state: 'done' } });
    await press(' ', '+', '-');
    expect(commands).toEqual([]);
  });

  test('tab goes round the pipelines and shift-tab goes back', async () => {
    const { text, press } = await open();
    await press('\t');
    expect(text()).toContain('‹Category› 2/5');
    await press('\u001b[Z', '\u001b[Z');
    expect(text()).toContain('‹Province› 5/5');
    await press('\t');
    expect(text()).toContain('‹Gender› 1/5');
  });

  test('a digit chooses a pipeline, and one that is not there is not chosen', async () => {
    const { text, press } = await open();
    await press('3', '9', '0');
    expect(text()).toContain('‹Action› 3/5');
  });

  test('? opens the help, and the key that closes it does nothing else', async () => {
    const { text, commands, press } = await open();
    await press('?');
    expect(text()).toContain('Terms');
    await press(' ');
    expect(text()).not.toContain('Terms');
    expect(commands).toEqual([]);
  });

  test('l shows the log and hides it', async () => {
    const { text, press } = await open();
    await press('l');
    expect(text()).toContain('rejected line 4,711');
    await press('l');
    expect(text()).not.toContain('rejected line 4,711');
  });
});
