import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Allocate } from './buffer-pool.ts';
import { DiskPace } from './disk-pace.ts';
import { syncDirectory } from './durable-file.ts';
import { batchHeader, newestTime } from './record-batch.ts';
import { scanBatches } from './scan-batches.ts';
import { SegmentIndex } from './segment-index.ts';

/** A segment's base offset from its file name; undefined for other files. */
export function baseOffsetOf(fileName: string): number | undefined {
  const match = /^(\d{20})\.log$/.exec(fileName);
  return match ? Number(match[1]) : undefined;
}

/** The name of a file that belongs to a segment. */
export const fileNameOf = (baseOffset: number, extension: string): string =>
  `${String(baseOffset).padStart(20, '0')}.${extension}`;

// Keeps relative offsets within the index's 32 bits.
export const mostOffsetsInSegment = 2 ** 31;

/** One file of raw batches, named by the offset of the first, and its index. */
export class Segment {
  readonly baseOffset: number;
  readonly file: string;
  readonly #indexFile: string;
  /** Bytes that are written; what may lie behind them in the file does not count. */
  size: number;
  /** When the first batch came in, for `segment.ms`. */
  createdAt: number;
  #fd: number | null = null;
  #index: SegmentIndex | null;
  /** Known while the index of a complete segment is not loaded. */
  #newestTime: number | undefined;
  #users = 0;
  #isRemoved = false;
  #isNew = false;

  private constructor(
    directory: string,
    baseOffset: number,
    size: number,
    createdAt: number,
    index: SegmentIndex | null,
  ) {
    this.baseOffset = baseOffset;
    this.file = join(directory, fileNameOf(baseOffset, 'log'));
    this.#indexFile = join(directory, fileNameOf(baseOffset, 'idx'));
    this.size = size;
    this.createdAt = createdAt;
    this.#index = index;
  }

  static create(directory: string, baseOffset: number, now: number): Segment {
    const segment = new Segment(directory, baseOffset, 0, now, new SegmentIndex());
    segment.#fd = fs.openSync(segment.file, 'w+');
    segment.#isNew = true;
    return segment;
  }

  static open(directory: string, baseOffset: number, index: SegmentIndex | null = null): Segment {
    const { size, birthtimeMs, mtimeMs } = fs.statSync(join(directory, fileNameOf(baseOffset, 'log')));
    return new Segment(directory, baseOffset, size, Math.floor(birthtimeMs || mtimeMs), index);
  }

  get #descriptor(): number {
    this.#fd ??= fs.openSync(this.file, 'r+');
    return this.#fd;
  }

  /** Loaded when it is first needed, made anew from the log when the file is missing or does not fit. */
  get index(): SegmentIndex {
    this.#index ??= SegmentIndex.load(this.#indexFile, this.size) ?? this.#rebuildIndex();
    return this.#index;
  }

  #rebuildIndex(): SegmentIndex {
    const index = new SegmentIndex();
    this.scan((bytes, at, position) => {
      index.add(batchHeader.baseOffset(bytes, at) - this.baseOffset, position, newestTime(bytes, at));
      return true;
    });
    this.#index = index;
    this.saveIndex();
    return index;
  }

  /** Of all records; asked for each segment now and then, which must not bring all indexes into memory. */
  get maxTimestamp(): number {
    if (this.#index) return this.#index.maxTimestamp;
    if (this.#newestTime === undefined) this.rest();
    return this.#newestTime ?? this.index.maxTimestamp;
  }

  /** Visits all batches; gives the position of the first byte that is no batch or was not accepted. Blocks. */
  scan(visit: (bytes: Buffer, at: number, position: number) => boolean): number {
    return scanBatches(this.#descriptor, this.size, visit);
  }

  /** Replaces the index by one that recovery made. */
  adoptIndex(index: SegmentIndex): void {
    this.#index = index;
  }

  /** Writes at the end. Only `noteBatch` makes it part of the segment, when all is written. */
  async write(buffers: readonly Buffer[]): Promise<void> {
    let position = this.size;
    let rest = buffers;
    while (rest.length > 0) {
      // The kernel takes at most 1024 buffers in one call.
      const part = rest.slice(0, 1024);
      const written = await writeVector(this.#descriptor, part, position);
      position += written;
      rest = [...unwritten(part, written), ...rest.slice(1024)];
    }
  }

  /** Counts a batch that was written at the end. */
  noteBatch(batch: Buffer): void {
    const relativeOffset = batchHeader.baseOffset(batch) - this.baseOffset;
    this.index.add(relativeOffset, this.size, batchHeader.maxTimestamp(batch));
    this.size += batch.length;
  }

  /** Reads up to `length` bytes; fewer at the end of the segment. */
  read(position: number, length: number, allocate: Allocate = Buffer.allocUnsafe): Promise<Buffer> {
    const buffer = allocate(Math.max(0, Math.min(length, this.size - position)));
    return readFully(this.#descriptor, buffer, position);
  }

  /** Resolves when all that is written survives a power cut: the bytes, and the name of a new file. */
  async sync(): Promise<void> {
    // Its records are deleted, or synced with the file that has taken its place.
    if (this.#isRemoved) return;
    const descriptor = this.#descriptor;
    await this.using(
      () =>
        new Promise<void>((resolve, reject) => {
          fs.fdatasync(descriptor, (error) => (error ? reject(error) : resolve()));
        }),
    );
    this.syncName();
  }

  /** Makes the name of a new file survive a power cut. Blocks. */
  syncName(): void {
    if (!this.#isNew) return;
    syncDirectory(dirname(this.file));
    this.#isNew = false;
  }

  /** The same as `sync` for a segment that is being recovered. Blocks. */
  syncRecovered(): void {
    fs.fdatasyncSync(this.#descriptor);
  }

  /** Cuts the file to its `size`. */
  truncate(): void {
    fs.ftruncateSync(this.#descriptor, this.size);
  }

  /** What lies behind `size` in a file of `end` bytes. Blocks. */
  readTail(end: number): Buffer {
    const tail = Buffer.alloc(end - this.size);
    fs.readSync(this.#descriptor, tail, 0, tail.length, this.size);
    return tail;
  }

  /** Keeps a tail that is about to be cut in a file of its own. */
  saveTail(tail: Buffer): string {
    const file = `${this.file}.${this.size}.corrupt`;
    fs.writeFileSync(file, tail);
    return file;
  }

  /** Takes a sealed segment out of the log as it is, without losing its bytes. */
  quarantine(): string {
    this.close();
    const file = `${this.file}.corrupt`;
    fs.renameSync(this.file, file);
    return file;
  }

  /** Saves the index. It is advisory, so a full disk is no reason to fail. */
  saveIndex(): void {
    try {
      this.index.save(this.#indexFile, this.size);
    } catch {
      fs.rmSync(this.#indexFile, { force: true });
    }
  }

  /** Keeps the file readable while `use` runs, even when the segment is removed meanwhile. */
  async using<T>(use: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await use();
    } finally {
      this.#users--;
      if (this.#isRemoved) this.close();
    }
  }

  /** Lets readers that are at work finish on the file as it is, which another one replaces. Nobody else may use it. */
  retire(): void {
    this.#isRemoved = true;
    if (this.#users > 0) this.#fd ??= fs.openSync(this.file, 'r+');
    this.close();
  }

  /** Deletes the files; readers that are at work finish first. */
  remove(): void {
    this.retire();
    fs.rmSync(this.file, { force: true });
    fs.rmSync(this.#indexFile, { force: true });
  }

  /** Lets go what a complete segment holds while nobody reads it; it is loaded again when needed. */
  rest(): void {
    this.#newestTime ??= this.index.maxTimestamp;
    this.#index = null;
    this.close();
  }

  /** Closes the file unless it is being read; it is opened again when needed. */
  close(): void {
    if (this.#fd === null || this.#users > 0) return;
    fs.closeSync(this.#fd);
    this.#fd = null;
  }
}

// Of the process: what its partitions write lies on one disk.
const pace = new DiskPace(() => performance.now());

async function writeVector(descriptor: number, buffers: readonly Buffer[], position: number): Promise<number> {
  const bytes = buffers.reduce((sum, { length }) => sum + length, 0);
  const done = pace.time();
  try {
    if (pace.takesAtOnce(bytes)) return fs.writevSync(descriptor, buffers, position);
    return await new Promise((resolve, reject) => {
      fs.writev(descriptor, buffers, position, (error, written) => (error ? reject(error) : resolve(written)));
    });
  } finally {
    done();
  }
}

/** What a short write has left over. */
function unwritten(buffers: readonly Buffer[], written: number): Buffer[] {
  let skip = written;
  const rest: Buffer[] = [];
  for (const buffer of buffers) {
    if (skip < buffer.length) rest.push(skip > 0 ? buffer.subarray(skip) : buffer);
    skip = Math.max(0, skip - buffer.length);
  }
  return rest;
}

async function readFully(descriptor: number, buffer: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const read = await new Promise<number>((resolve, reject) => {
      fs.read(descriptor, buffer, filled, buffer.length - filled, position + filled, (error, count) =>
        error ? reject(error) : resolve(count),
      );
    });
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}
