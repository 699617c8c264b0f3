// A process of its own with many websockets of pages that only listen: IPC in and out, see websocket.ts.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { leanWebSocket } from './lean-websocket.ts';

/** What the process is started with. */
export interface PagesOptions {
  address: string;
  pages: number;
  /** Engine.IO asks for an answer to what it says first, and to its pings. */
  speaks: 'plain' | 'engine.io';
}

/** What it answers to `measure`, which names for how many ms. */
export interface Arrivals {
  messages: number;
  /** Mean size of a message. */
  bytes: number;
  /** From the time in a message to its arrival, ms, ascending. */
  delays: number[];
  /** From the end of the newest window in a message to its arrival; of those that hold one. */
  windowDelays: number[];
  /** Longest that this process kept a message waiting, ms. */
  held: number;
}

const connectedAtOnce = 50;
const readBytes = 400;

const { address, pages, speaks }: PagesOptions = JSON.parse(process.argv[2] ?? '{}');
let delays: number[] = [];
let windowDelays: number[] = [];
let bytes = 0;
let measures = false;

/** The rest of a message is not looked at: 2,000 pages in one process must not be what is measured. */
function take(message: Buffer): void {
  const now = performance.timeOrigin + performance.now();
  const beginning = message.toString('latin1', 0, readBytes);
  if (speaks === 'engine.io' && !beginning.startsWith('42')) return;
  if (speaks === 'plain' && !beginning.startsWith('{"type":"update"')) return;
  delays.push(now - numberAfter(beginning, '"time":'));
  bytes += message.length;
  if (speaks === 'plain') windowDelays.push(now - numberAfter(beginning, '"end":'));
}

const numberAfter = (text: string, name: string) => Number.parseFloat(text.slice(text.indexOf(name) + name.length));

const open = () =>
  new Promise<void>((resolve) => {
    leanWebSocket({
      address: new URL(address),
      onClose: () => process.send?.({ failed: 'a page was cut off' }),
      onMessage(message, socket) {
        if (measures) take(message);
        if (speaks === 'plain') return resolve();
        if (message.length > readBytes) return;
        const text = message.toString();
        if (text.startsWith('0')) socket.send('40');
        else if (text === '2') socket.send('3');
        else if (text.startsWith('40')) resolve();
      },
    });
  });

for (let opened = 0; opened < pages; opened += connectedAtOnce) {
  await Promise.all(Array.from({ length: Math.min(connectedAtOnce, pages - opened) }, open));
}
process.send?.({ connected: pages });

const held = monitorEventLoopDelay({ resolution: 5 });
process.on('message', ({ measure }: { measure: number }) => {
  measures = true;
  delays = [];
  windowDelays = [];
  bytes = 0;
  held.enable();
  setTimeout(() => {
    measures = false;
    held.disable();
    const ascending = (values: number[]) => values.sort((a, b) => a - b);
    const arrivals: Arrivals = {
      messages: delays.length,
      bytes: bytes / delays.length,
      delays: ascending(delays),
      windowDelays: ascending(windowDelays),
      held: held.max / 1e6,
    };
    process.send?.({ arrivals });
  }, measure);
});
process.on('disconnect', () => process.exit());
