import type { Random } from '../server/_random-frames.ts';

// Smaller than a real disk's, so that the short files of a test have many.
const pageSize = 256;

type Write = { readonly at: number; readonly bytes: Buffer } | { readonly size: number };

/** A file as the system shows it, and as much of it as a power cut would leave. */
export class DiskFile {
  #synced: Buffer = Buffer.alloc(0);
  /** What happened since, the oldest first; `#firstWrite` counts those before. */
  #writes: Write[] = [];
  #firstWrite = 0;

  write(at: number, bytes: Buffer): void {
    this.#writes.push({ at, bytes: Buffer.from(bytes) });
  }

  truncate(size: number): void {
    this.#writes.push({ size });
  }

  get content(): Buffer {
    return this.#writes.reduce(after, this.#synced);
  }

  /** Begins a sync, which covers what was written before; gives what to call when it is done. */
  beginSync(): () => void {
    const end = this.#firstWrite + this.#writes.length;
    return () => {
      const done = this.#writes.splice(0, Math.max(0, end - this.#firstWrite));
      this.#synced = done.reduce(after, this.#synced);
      this.#firstWrite += done.length;
    };
  }

  /** Loses power: every page, and the length, is as it was at some moment since the last sync. */
  cut(random: Random): void {
    const states = [this.#synced];
    for (const write of this.#writes) states.push(after(states.at(-1) ?? this.#synced, write));
    const pick = pickFrom(states, random);
    const size = pick().length;
    const survivor = Buffer.alloc(size);
    for (let at = 0; at < size; at += pageSize)
      pick()
        .subarray(at, at + pageSize)
        .copy(survivor, at);
    this.#synced = survivor;
    this.#writes = [];
  }
}

/** Chooses among the states of a file: sometimes always the same one, so that all is lost or all is kept. */
function pickFrom(states: readonly Buffer[], random: Random): () => Buffer {
  const state = () => states[random(states.length)] ?? Buffer.alloc(0);
  const only = [states[0], states.at(-1), state()][random(6)];
  return only ? () => only : state;
}

function after(content: Buffer, write: Write): Buffer {
  if ('size' in write) return resized(content, write.size);
  const result = resized(content, Math.max(content.length, write.at + write.bytes.length));
  write.bytes.copy(result, write.at);
  return result;
}

function resized(content: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size);
  content.copy(result);
  return result;
}

export type DiskNode = DiskFile | DiskDirectory;

/** Names that appear, move or go in one step: either all of it survives or nothing. */
type Change = readonly (readonly [name: string, node: DiskNode | undefined])[];

/** A directory as the system shows it, and as much of it as a power cut would leave. */
export class DiskDirectory {
  readonly entries = new Map<string, DiskNode>();
  readonly #synced = new Map<string, DiskNode>();
  #changes: Change[] = [];

  change(change: Change): void {
    apply(this.entries, change);
    this.#changes.push(change);
  }

  sync(): void {
    for (const change of this.#changes.splice(0)) apply(this.#synced, change);
  }

  /** Loses power: of what was not synced, nothing, all, the first or any changes have reached the disk. */
  cut(random: Random): void {
    const isKept = [() => false, () => true, untilFalse(() => random(3) > 0), () => random(2) === 0][random(4)];
    for (const change of this.#changes.splice(0)) if (isKept?.()) apply(this.#synced, change);
    this.entries.clear();
    for (const [name, node] of this.#synced) {
      this.entries.set(name, node);
      node.cut(random);
    }
  }
}

function apply(entries: Map<string, DiskNode>, change: Change): void {
  for (const [name, node] of change) {
    if (node) entries.set(name, node);
    else entries.delete(name);
  }
}

function untilFalse(next: () => boolean): () => boolean {
  let holds = true;
  return () => {
    holds &&= next();
    return holds;
  };
}
