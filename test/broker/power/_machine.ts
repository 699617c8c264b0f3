import fs from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { DiskDirectory, DiskFile, type DiskNode } from './_disk.ts';
import { patchFs, type Work } from './_patch-fs.ts';

const real = { ...fs };
const realPromises = { ...fs.promises };

/** A machine of which the power can be cut, as far as the files of one folder go. */
export interface Machine {
  /** Ends the recording: what the disk holds afterwards does not change any more. */
  stop(): void;
}

type Callback = (error: Error | null, result?: number) => void;
/**
 * Writes a disk's content to a real folder, and from then on tells the disk of all that this process does to files below
 * it, through `node:fs` itself: whatever way the broker takes, none goes by. `beforeStep` is called before each change
 * and sync.
 */
export function startMachine(root: string, disk: DiskDirectory, beforeStep: (step: string) => void): Machine {
  writeTree(root, disk);
  const open = new Map<number, DiskNode>();
  let isOn = true;

  const isOurs = (path: unknown): path is string =>
    typeof path === 'string' && (path === root || path.startsWith(root + sep));
  const nodeAt = (path: string): DiskNode | undefined =>
    relative(root, path)
      .split(sep)
      .filter((name) => name !== '')
      .reduce<DiskNode | undefined>(
        (node, name) => (node instanceof DiskDirectory ? node.entries.get(name) : undefined),
        disk,
      );
  const directoryOf = (path: string): DiskDirectory => {
    const node = nodeAt(dirname(path));
    if (node instanceof DiskDirectory) return node;
    throw new Error(`no directory for ${path}`);
  };
  const fileAt = (path: string): DiskFile => {
    const node = nodeAt(path);
    if (node instanceof DiskFile) return node;
    const file = new DiskFile();
    directoryOf(path).change([[basename(path), file]]);
    return file;
  };
  const openFile = (descriptor: number): DiskFile | undefined => {
    const node = isOn ? open.get(descriptor) : undefined;
    return node instanceof DiskFile ? node : undefined;
  };
  const step = (name: string, target: unknown) => {
    if (isOn) beforeStep(`${name} ${isOurs(target) ? relative(root, target) : target}`);
  };
  const opened = (descriptor: number, path: string, flags: unknown) => {
    if (!isOn) return;
    const node = nodeAt(path);
    open.set(descriptor, node instanceof DiskDirectory ? node : fileAt(path));
    if (String(flags).startsWith('w') && !String(flags).includes('x')) openFile(descriptor)?.truncate(0);
  };
  const beginSync = (descriptor: number): (() => void) => {
    const node = isOn ? open.get(descriptor) : undefined;
    if (node instanceof DiskDirectory) return () => isOn && node.sync();
    const done = node?.beginSync();
    return () => isOn && done?.();
  };
  const renamed = (from: string, to: string) => {
    if (!isOn) return;
    directoryOf(to).change([
      [basename(from), undefined],
      [basename(to), nodeAt(from)],
    ]);
  };
  const replaced = (path: string, data: string | Buffer) => {
    if (!isOn) return;
    const file = fileAt(path);
    file.truncate(0);
    file.write(0, bytesOf(data));
  };
  const removed = (path: string) => {
    if (isOn && nodeAt(path)) directoryOf(path).change([[basename(path), undefined]]);
  };
  const made = (path: string) => {
    if (!isOn || path === root || nodeAt(path)) return;
    made(dirname(path));
    directoryOf(path).change([[basename(path), new DiskDirectory()]]);
  };
  const syncing = (name: 'fsync' | 'fdatasync') => (descriptor: number, callback: Callback) => {
    step(name, descriptor);
    const done = beginSync(descriptor);
    real[name](descriptor, (error) => {
      if (!error) done();
      callback(error);
    });
  };
  const syncingNow = (name: 'fsyncSync' | 'fdatasyncSync') => (descriptor: number) => {
    step(name, descriptor);
    const done = beginSync(descriptor);
    real[name](descriptor);
    done();
  };

  /** By name; each does the real thing too. Those with a path are only asked about paths below the root. */
  const byPath: Record<string, Work> = {
    openSync(path: string, flags: string, mode?: number) {
      step('openSync', path);
      const descriptor = real.openSync(path, flags, mode);
      opened(descriptor, path, flags);
      return descriptor;
    },
    writeFileSync(path: string, data: string | Buffer) {
      step('writeFileSync', path);
      real.writeFileSync(path, data);
      replaced(path, data);
    },
    renameSync(from: string, to: string) {
      step('renameSync', from);
      real.renameSync(from, to);
      renamed(from, to);
    },
    linkSync(from: string, to: string) {
      step('linkSync', to);
      real.linkSync(from, to);
      if (isOn) directoryOf(to).change([[basename(to), nodeAt(from)]]);
    },
    rmSync(path: string, options: fs.RmOptions) {
      step('rmSync', path);
      real.rmSync(path, options);
      removed(path);
    },
    mkdirSync(path: string, options: fs.MakeDirectoryOptions) {
      step('mkdirSync', path);
      const first = real.mkdirSync(path, options);
      made(path);
      return first;
    },
  };
  const byDescriptor: Record<string, Work> = {
    closeSync(descriptor: number) {
      real.closeSync(descriptor);
      open.delete(descriptor);
    },
    writeFileSync(descriptor: number, data: string | Buffer) {
      step('writeFileSync', descriptor);
      real.writeFileSync(descriptor, data);
      openFile(descriptor)?.write(0, bytesOf(data));
    },
    writeSync(descriptor: number, bytes: Buffer, from: number, length: number, position: number) {
      step('writeSync', descriptor);
      const written = real.writeSync(descriptor, bytes, from, length, position);
      openFile(descriptor)?.write(position, bytes.subarray(from, from + written));
      return written;
    },
    writev(descriptor: number, buffers: readonly Buffer[], position: number, callback: Callback) {
      step('writev', descriptor);
      openFile(descriptor)?.write(position, Buffer.concat(buffers));
      real.writev(descriptor, buffers, position, callback);
    },
    writevSync(descriptor: number, buffers: readonly Buffer[], position: number) {
      step('writevSync', descriptor);
      openFile(descriptor)?.write(position, Buffer.concat(buffers));
      return real.writevSync(descriptor, buffers, position);
    },
    ftruncateSync(descriptor: number, size: number) {
      step('ftruncateSync', descriptor);
      real.ftruncateSync(descriptor, size);
      openFile(descriptor)?.truncate(size);
    },
    fsync: syncing('fsync'),
    fdatasync: syncing('fdatasync'),
    fsyncSync: syncingNow('fsyncSync'),
    fdatasyncSync: syncingNow('fdatasyncSync'),
  };
  const promised: Record<string, Work> = {
    async open(path: string, flags: string) {
      step('open', path);
      const handle = await realPromises.open(path, flags);
      opened(handle.fd, path, flags);
      return watched(handle);
    },
    async rename(from: string, to: string) {
      step('rename', from);
      await realPromises.rename(from, to);
      renamed(from, to);
    },
    async rm(path: string, options: fs.RmOptions) {
      step('rm', path);
      await realPromises.rm(path, options);
      removed(path);
    },
    async writeFile(path: string, data: string | Buffer) {
      step('writeFile', path);
      await realPromises.writeFile(path, data);
      replaced(path, data);
    },
  };
  const watched = (handle: fs.promises.FileHandle) => {
    const { truncate, datasync, sync, close } = handle;
    const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
    const file = openFile(handle.fd);
    const refuse = () => {
      throw new Error('not modelled');
    };
    const syncWith = (work: () => Promise<void>) => async () => {
      step('sync', handle.fd);
      const done = beginSync(handle.fd);
      await work.call(handle);
      done();
    };
    return Object.assign(handle, {
      async write(bytes: Buffer, from: number, length: number, position: number) {
        step('write', handle.fd);
        if (isOn) file?.write(position, bytes.subarray(from, from + length));
        return write(bytes, from, length, position);
      },
      async truncate(size: number) {
        step('truncate', handle.fd);
        if (isOn) file?.truncate(size);
        await truncate.call(handle, size);
      },
      datasync: syncWith(datasync),
      sync: syncWith(sync),
      async close() {
        open.delete(handle.fd);
        await close.call(handle);
      },
      appendFile: refuse,
      writev: refuse,
    });
  };

  const restore = patchFs({ byPath, byDescriptor, promised, isOurs, isOpen: (descriptor) => open.has(descriptor) });
  return {
    stop() {
      isOn = false;
      restore();
    },
  };
}

const bytesOf = (data: string | Buffer): Buffer => (typeof data === 'string' ? Buffer.from(data) : data);

function writeTree(path: string, node: DiskNode): void {
  if (node instanceof DiskFile) {
    real.writeFileSync(path, node.content);
    return;
  }
  real.mkdirSync(path, { recursive: true });
  for (const [name, child] of node.entries) {
    // The lock is of a process that is gone, but for the test, where it would be this very one.
    if (!name.startsWith('.lock')) writeTree(join(path, name), child);
  }
}
