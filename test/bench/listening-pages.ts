import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Arrivals, PagesOptions } from './websocket-pages.ts';

interface Told {
  connected?: number;
  arrivals?: Arrivals;
  failed?: string;
}

/** Websockets in a process of their own; resolves when all of them are connected and have been told something. */
export async function listeningPages(options: PagesOptions) {
  const child = fork(join(import.meta.dirname, 'websocket-pages.ts'), [JSON.stringify(options)]);
  const told = answersOf(child);
  await told('connected');
  return {
    /** What arrives in so many ms. */
    async measure(duration: number): Promise<Arrivals> {
      child.send({ measure: duration });
      return await told('arrivals');
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

function answersOf(child: ChildProcess) {
  const ended = once(child, 'exit').then(([code, signal]): never => {
    throw new Error(`the pages ended with ${code ?? signal}`);
  });
  ended.catch(() => {});
  return async <Name extends 'connected' | 'arrivals'>(name: Name): Promise<NonNullable<Told[Name]>> => {
    for (;;) {
      const [message]: Told[] = await Promise.race([once(child, 'message'), ended]);
      if (message?.failed) throw new Error(message.failed);
      const answer = message?.[name];
      if (answer) return answer;
    }
  };
}
