import { join } from 'node:path';
import { describe } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { quiet } from '../web/_server.ts';
import { storeContract } from './_contract.ts';
import { likeMemory } from './_like-memory.ts';

describe('SQLite store', () => {
  const open = () => openStore(`sqlite:${join(temporaryFolder(), 'test.db')}`, { logger: quiet });
  storeContract(open);
  likeMemory(open, 100);
});
