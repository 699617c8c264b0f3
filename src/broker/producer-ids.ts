import { join } from 'node:path';
import { readJson, writeJson } from './log/durable-file.ts';

const blockSize = 1000;

/**
 * Hands out ids for idempotent producers, none of them twice: a block is marked as used on the disk before its first
 * id is given, and what a stop leaves of it is skipped.
 */
export function createProducerIds(dataDir: string) {
  const file = join(dataDir, 'producer-ids.json');
  const kept = readJson(file);
  const isKept = typeof kept === 'object' && kept !== null && 'next' in kept && typeof kept.next === 'number';
  let next = isKept ? Number(kept.next) : 1;
  let blockEnd = next;
  return {
    next(): number {
      if (next === blockEnd) {
        writeJson(file, { next: blockEnd + blockSize });
        blockEnd += blockSize;
      }
      return next++;
    },
  };
}
