import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export type Work = (...args: never[]) => unknown;

interface Replacements {
  /** Functions of `node:fs` by name, for calls whose first argument is a path that is ours. */
  readonly byPath: Readonly<Record<string, Work>>;
  /** The same for open files. */
  readonly byDescriptor: Readonly<Record<string, Work>>;
  /** Functions of `node:fs/promises`, for paths. */
  readonly promised: Readonly<Record<string, Work>>;
  readonly isOurs: (target: unknown) => boolean;
  readonly isOpen: (descriptor: number) => boolean;
}

// What changes files and has no replacement, so that nobody may use it unseen; but for `unlink` and `rmdir`, by means of
// which Node.js deletes directories with all that they hold.
const unmodelled = [
  ...['appendFile', 'copyFile', 'cp', 'mkdtemp', 'symlink', 'truncate'].flatMap((name) => [name, `${name}Sync`]),
  ...['createWriteStream', 'ftruncate', 'link', 'mkdir', 'open', 'rename', 'rm', 'write', 'writeFile'],
] as const;
const unmodelledPromises = ['appendFile', 'copyFile', 'cp', 'link', 'mkdir', 'mkdtemp', 'symlink', 'truncate'];

/**
 * Replaces functions of `node:fs` for files that are ours; others that change files are refused for them. Whoever has
 * imported the module gets the replacements. Gives the function that undoes it.
 */
export function patchFs({ byPath, byDescriptor, promised, isOurs, isOpen }: Replacements): () => void {
  const original: Record<string, unknown> = { ...fs };
  const originalPromises: Record<string, unknown> = { ...fs.promises };
  /** Node.js writes whole files by means of its other functions, which must not count again. */
  let isWithin = false;

  const replaced = (name: string): Work => {
    const otherwise = original[name] as Work;
    return (...args: never[]) => {
      const [target] = args as unknown[];
      const replacement = isOurs(target)
        ? byPath[name]
        : typeof target === 'number' && isOpen(target)
          ? byDescriptor[name]
          : undefined;
      if (!replacement || isWithin) return otherwise(...args);
      isWithin = true;
      try {
        return replacement(...args);
      } finally {
        isWithin = false;
      }
    };
  };
  const refused =
    (name: string, otherwise: Work): Work =>
    (...args: never[]) => {
      const [target] = args as unknown[];
      if (isOurs(target) || (typeof target === 'number' && isOpen(target))) throw new Error(`${name} is not modelled`);
      return otherwise(...args);
    };
  const functions: Record<string, Work> = {};
  for (const name of unmodelled) functions[name] = refused(name, original[name] as Work);
  for (const name of [...Object.keys(byPath), ...Object.keys(byDescriptor)]) functions[name] = replaced(name);
  const promises: Record<string, Work> = {};
  for (const name of unmodelledPromises) promises[name] = refused(name, originalPromises[name] as Work);
  for (const [name, work] of Object.entries(promised)) {
    promises[name] = (...args: never[]) =>
      (isOurs((args as unknown[])[0]) ? work : (originalPromises[name] as Work))(...args);
  }
  const install = (ofFs: Record<string, unknown>, ofPromises: Record<string, unknown>) => {
    for (const name of Object.keys(functions)) Object.assign(fs, { [name]: ofFs[name] });
    for (const name of Object.keys(promises)) Object.assign(fs.promises, { [name]: ofPromises[name] });
    syncBuiltinESMExports();
  };
  install(functions, promises);
  return () => install(original, originalPromises);
}
