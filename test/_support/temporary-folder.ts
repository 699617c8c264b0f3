import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dashctl-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all tests of a `describe`; to be called in its body, not in a hook. */
export function folderOfSuite(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dashctl-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
