import type { Journal, JournalOwner } from '../../../src/broker/group/journal.ts';
import type { JournalEntry } from '../../../src/broker/group/journal-frames.ts';

export interface MemoryJournal extends Journal {
  readonly entries: JournalEntry[];
  /** Makes appends fail, as on a full disk, until set to false. */
  full: boolean;
}

/** A journal without a disk: what it was given earlier is what a restart finds. */
export function memoryJournal(entries: JournalEntry[] = []): MemoryJournal {
  const owners: JournalOwner[] = [];
  return {
    entries,
    full: false,
    attach(owner) {
      owners.push(owner);
      for (const entry of entries) if (owner.types.includes(entry.type)) owner.apply(entry);
    },
    async append(added) {
      if (this.full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      for (const entry of added) {
        entries.push(entry);
        for (const owner of owners) if (owner.types.includes(entry.type)) owner.apply(entry);
      }
    },
    async close() {},
  };
}
