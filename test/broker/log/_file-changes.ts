import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const watched = ['openSync', 'writeSync', 'writeFileSync', 'fsync', 'fsyncSync', 'renameSync', 'rmSync'] as const;
const real = Object.fromEntries(watched.map((name) => [name, fs[name]]));

/** Calls back before everything that changes a file or brings it to the disk, until `restoreFiles`. */
export function beforeEachChange(visit: (step: string) => void): void {
  for (const name of watched) {
    const original = real[name] as (...args: unknown[]) => unknown;
    const replacement = (...args: unknown[]) => {
      visit(`${name} ${String(args[0])}`);
      return original(...args);
    };
    Object.assign(fs, { [name]: replacement });
  }
  syncBuiltinESMExports();
}

export function restoreFiles(): void {
  Object.assign(fs, real);
  syncBuiltinESMExports();
}
