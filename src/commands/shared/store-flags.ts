import { mkdirSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { WindowStore } from '../../records/window-store.ts';
import { DashctlError, messageOf } from '../../runtime/errors.ts';
import { type OpenStoreOptions, openStore } from '../../store/open-store.ts';
import { duration } from './flags.ts';

/** Where `up` and the stages keep what they keep on this machine. */
export const defaultDataDir = '.dashctl';
/** The SQLite file in a data directory. */
export const storeFile = 'dashctl.sqlite';
export const defaultStore = `sqlite:${defaultDataDir}/${storeFile}`;

interface StoreFlagOptions {
  /** What the flag says of itself. */
  purpose: string;
  /** The store when none is named; without one the flag has no value then. */
  byDefault?: string;
}

/** Adds `--store`. */
export function withStoreFlag(command: Command, { purpose, byDefault }: StoreFlagOptions): Command {
  const option = new Option('--store <address>', `${purpose}: sqlite:FILE, mysql://… or postgres://…`);
  if (byDefault !== undefined) option.default(byDefault);
  return command.addOption(option.env('DASHCTL_STORE'));
}

/** Adds `--retain`. */
export const withRetainFlag = (command: Command): Command =>
  command.addOption(
    new Option(
      '--retain <duration>',
      'take windows out after so long; sums per minute and hour stay (default: never)',
    ).argParser(retention),
  );

// Late records correct a window for a minute unless told otherwise; one that is taken out takes no corrections.
const leastRetention = 600_000;

function retention(text: string): number {
  const time = duration(text);
  if (time >= leastRetention) return time;
  throw new InvalidArgumentError('windows are kept for 10m at least, since late records may correct them');
}

/**
 * Opens the store that `--store` names. The folder of the default one is made when it is to be written.
 * @throws DashctlError of the store, `DATA_DIR_INVALID`.
 */
export async function openNamedStore(location: string, options: OpenStoreOptions): Promise<WindowStore> {
  if (location === defaultStore && !options.readOnly) makeFolder(defaultDataDir);
  return await openStore(location, options);
}

/** @throws DashctlError `DATA_DIR_INVALID`. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new DashctlError('DATA_DIR_INVALID', `cannot make ${folder}: ${messageOf(error)}`, {
      hint: 'name another place with --store',
      cause: error,
    });
  }
}
