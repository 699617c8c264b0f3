import { spawn } from 'node:child_process';
import type { Logger } from '../../runtime/logger.ts';

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens a page in the reader's browser; where that cannot be done, the log says so and nothing else happens. */
export function openInBrowser(url: string, logger: Logger): void {
  const [program = 'xdg-open', ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => logger.warn(`no browser could be opened; the page is ${url}`));
  child.unref();
}
