import { type Command, Option } from 'commander';
import { DashctlError } from '../../runtime/errors.ts';
import { isLoopback } from '../../runtime/is-loopback.ts';
import { wholeNumber } from '../shared/flags.ts';

/** Where the pages are, and who may see them. */
export interface PageFlags {
  port: number;
  host: string;
  /** Only those who know it see the pages. */
  token?: string;
  /** Show them to everybody, also where other machines can come in. */
  insecure?: boolean;
}

/** Adds the flags of those commands that serve the pages. */
export const withPageFlags = (command: Command): Command =>
  command
    .option('--port <port>', 'of the web page; 0 takes a free one', wholeNumber(0, 65_535), 5_000)
    .option('--host <address>', 'where the web page listens; not only for this machine with --token', '127.0.0.1')
    .addOption(new Option('--token <text>', 'show the page only to those who know this text').env('DASHCTL_TOKEN'))
    .option('--insecure', 'show the page to whoever can reach --host, without a token');

// Shorter ones are soon guessed.
const shortestToken = 8;

/**
 * Refuses to show the pages to other machines without a token, unless that was asked for, and tokens that are none.
 * @throws DashctlError `USAGE`, never with the token.
 */
export function checkPageFlags({ host, token, insecure }: Pick<PageFlags, 'host' | 'token' | 'insecure'>): void {
  // What a browser can send in a header, and a reader can see.
  if (token !== undefined && (token.length < shortestToken || !/^[\x21-\x7e]+$/.test(token))) {
    throw new DashctlError('USAGE', 'the token is too short, or holds more than letters, digits and signs', {
      hint: `give --token or DASHCTL_TOKEN at least ${shortestToken} of them, without spaces`,
    });
  }
  if (token !== undefined || insecure || isLoopback(host)) return;
  throw new DashctlError('USAGE', `--host ${host} would show the page to other machines, and it has no login`, {
    hint: 'add --token TEXT, which readers then have to know, or --insecure to show it to everybody',
  });
}
