import { mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Journal, type JournalOptions, openJournal } from '../../../src/broker/group/journal.ts';
import { frameEntry, type JournalEntry } from '../../../src/broker/group/journal-frames.ts';
import { fakeTimers } from './_fake-timers.ts';
import { silent } from './_group-of-members.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dashctl-journal-'));
  file = join(directory, 'state.journal');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true, force: true });
});

const set = (key: string, value: string): JournalEntry => ({ type: 1, payload: Buffer.from(`${key}=${value}`) });

/** An owner whose state is a map, and its entries assignments. */
function mapOwner(type = 1) {
  const state = new Map<string, string>();
  return {
    state,
    types: [type],
    apply({ payload }: JournalEntry) {
      const [key = '', value = ''] = payload.toString().split('=');
      state.set(key, value);
    },
    *snapshot() {
      for (const [key, value] of state) yield { type, payload: Buffer.from(`${key}=${value}`) };
    },
  };
}

async function openWithMap(options: Partial<JournalOptions> = {}) {
  const journal = await openJournal({ file, fsync: 'os', logger: silent, ...options });
  const owner = mapOwner();
  journal.attach(owner);
  return { journal, state: owner.state };
}

/** The prototype of file handles, whose methods can be made to fail. */
async function fileHandles() {
  const probe = await open(join(directory, 'probe'), 'w');
  await probe.close();
  return Object.getPrototypeOf(probe) as typeof probe;
}

const diskFull = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

describe('a journal', () => {
  test.each(['os', 'interval', 'always'] as const)(
    'gives back after a restart what was appended (%s)',
    async (fsync) => {
      const first = await openWithMap({ fsync });
      await first.journal.append([set('a', '1'), set('b', '2')]);
      await first.journal.append([set('a', '3')]);
      await first.journal.close();
      const second = await openWithMap({ fsync });
      expect(Object.fromEntries(second.state)).toEqual({ a: '3', b: '2' });
      await second.journal.close();
    },
  );

  test('applies an entry when it is kept, not before', async () => {
    const { journal, state } = await openWithMap();
    const kept = journal.append([set('a', '1')]);
    expect(state.size).toBe(0);
    await kept;
    expect(state.get('a')).toBe('1');
    await journal.close();
  });

  test('writes what one turn of the event loop appends at once, and syncs it once', async () => {
    const { journal } = await openWithMap({ fsync: 'always' });
    const handles = await fileHandles();
    const write = vi.spyOn(handles, 'write');
    const sync = vi.spyOn(handles, 'datasync');
    await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append([set(`k${index}`, 'v')])));
    expect(write).toHaveBeenCalledTimes(1);
    expect(sync).toHaveBeenCalledTimes(1);
    await journal.close();
  });

  test('syncs once per interval, and only what was written', async () => {
    const timers = fakeTimers();
    const { journal } = await openWithMap({ fsync: 'interval', fsyncInterval: 500, timers });
    const sync = vi.spyOn(await fileHandles(), 'datasync');
    expect(timers.pending).toBe(0);
    await journal.append([set('a', '1')]);
    await journal.append([set('a', '2')]);
    expect(timers.pending).toBe(1);
    expect(sync).not.toHaveBeenCalled();
    timers.advance(500);
    await vi.waitFor(() => expect(sync).toHaveBeenCalledTimes(1));
    expect(timers.pending).toBe(0);
    await journal.append([set('a', '3')]);
    await journal.close();
    expect(timers.pending).toBe(0);
  });

  test('writes what is queued before it closes, and takes nothing afterwards', async () => {
    const { journal } = await openWithMap();
    const kept = journal.append([set('a', '1')]);
    await journal.close();
    await kept;
    await expect(journal.append([set('a', '2')])).rejects.toThrow('closed');
    expect((await readFile(file)).equals(frameEntry(set('a', '1')))).toBe(true);
  });

  test('keeps apart what belongs to several owners, and what nobody asks for', async () => {
    const first = await openWithMap();
    const other = mapOwner(20);
    first.journal.attach(other);
    await first.journal.append([set('a', '1'), { type: 20, payload: Buffer.from('t=open') }]);
    await first.journal.close();
    // A run that starts only one of them, and rewrites the file.
    const second = await openWithMap({ rewriteAbove: 100 });
    for (let round = 0; round < 20; round++) await second.journal.append([set('a', String(round))]);
    await second.journal.close();
    expect((await stat(file)).size).toBeLessThan(200);
    const third = await openWithMap();
    const found = mapOwner(20);
    third.journal.attach(found);
    expect(Object.fromEntries(third.state)).toEqual({ a: '19' });
    expect(Object.fromEntries(found.state)).toEqual({ t: 'open' });
    await third.journal.close();
  });

  test('says which file cannot be opened', async () => {
    file = join(directory, 'missing', 'state.journal');
    await expect(openWithMap()).rejects.toMatchObject({ code: 'DATA_DIR_INVALID', message: /state\.journal: ENOENT/ });
  });
});

describe('a torn tail', () => {
  const entries = [set('a', '1'), set('b', '22'), set('c', '333')];
  const frames = entries.map(frameEntry);
  const whole = Buffer.concat(frames);

  const entriesWithin = (size: number) => {
    let end = 0;
    return frames.filter((frame) => {
      end += frame.length;
      return end <= size;
    }).length;
  };

  test('is cut off at open wherever the file ends, and appends go on from there', async () => {
    for (let size = 0; size <= whole.length; size++) {
      await writeFile(file, whole);
      await truncate(file, size);
      const kept = entriesWithin(size);
      const { journal, state } = await openWithMap();
      expect([...state.keys()], `cut at byte ${size}`).toEqual(['a', 'b', 'c'].slice(0, kept));
      await journal.append([set('d', '4')]);
      await journal.close();
      const expected = Buffer.concat([...frames.slice(0, kept), frameEntry(set('d', '4'))]);
      expect((await readFile(file)).equals(expected), `cut at byte ${size}`).toBe(true);
    }
  });

  test('is found by a wrong byte anywhere in the last entry, and by zeros', async () => {
    const last = whole.length - (frames[2]?.length ?? 0);
    for (let position = last; position < whole.length; position++) {
      const flipped = Buffer.from(whole);
      flipped[position] = (flipped[position] ?? 0) ^ 0x01;
      await writeFile(file, flipped);
      const { journal, state } = await openWithMap();
      await journal.close();
      expect([...state.keys()], `byte ${position} flipped`).toEqual(['a', 'b']);
    }
    await writeFile(file, Buffer.concat([whole, Buffer.alloc(4096)]));
    const { journal, state } = await openWithMap();
    await journal.close();
    expect(state.size).toBe(3);
    expect((await stat(file)).size).toBe(whole.length);
  });

  test('that is damage in the middle is set aside, not thrown away', async () => {
    const damaged = Buffer.from(whole);
    const second = frames[0]?.length ?? 0;
    damaged[second + 10] = 0xff;
    await writeFile(file, damaged);
    const { journal, state } = await openWithMap();
    await journal.close();
    expect([...state.keys()]).toEqual(['a']);
    expect((await readFile(`${file}.corrupt`)).equals(damaged.subarray(second))).toBe(true);
  });
});

describe('a journal that has grown', () => {
  const fill = async (journal: Journal, keys: number, rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      for (let key = 0; key < keys; key++) await journal.append([set(`key${key}`, String(round).padStart(50, '0'))]);
    }
  };

  test('is rewritten when half of it is dead, and loses nothing', async () => {
    const { journal, state } = await openWithMap({ rewriteAbove: 4_096 });
    await fill(journal, 10, 50);
    expect((await stat(file)).size).toBeLessThan(6_000);
    await journal.append([set('last', 'one')]);
    await journal.close();
    const reopened = await openWithMap();
    expect(reopened.state).toEqual(state);
    expect(reopened.state.size).toBe(11);
    expect(await readdir(directory)).toEqual(['state.journal']);
    await reopened.journal.close();
  });

  test('is left alone while most of it is alive', async () => {
    const { journal } = await openWithMap({ rewriteAbove: 4_096 });
    const { ino } = await stat(file);
    await fill(journal, 100, 1);
    await fill(journal, 20, 1);
    expect((await stat(file)).size).toBeGreaterThan(4_096);
    expect((await stat(file)).ino).toBe(ino);
    await journal.close();
  });

  test('goes on in the old file when the disk has no room for a new one', async () => {
    const { journal } = await openWithMap({ rewriteAbove: 4_096 });
    await fill(journal, 10, 6);
    const handles = await fileHandles();
    const write = handles.write;
    let refused = 0;
    vi.spyOn(handles, 'write').mockImplementation(function (this: typeof handles, ...args: unknown[]) {
      // Only the new file is written from its beginning.
      if (args[3] !== 0) return Reflect.apply(write, this, args);
      refused += 1;
      return Promise.reject(diskFull());
    } as typeof handles.write);
    await fill(journal, 10, 5);
    expect(refused).toBeGreaterThan(0);
    vi.restoreAllMocks();
    await journal.close();
    const reopened = await openWithMap();
    expect(reopened.state.size).toBe(10);
    expect(await readdir(directory)).not.toContain('state.journal.new');
    await reopened.journal.close();
  });
});

describe('a full disk', () => {
  test('fails the append and leaves the journal as it was, also after half a write', async () => {
    const { journal, state } = await openWithMap();
    await journal.append([set('a', '1')]);
    const handles = await fileHandles();
    const write = handles.write;
    let calls = 0;
    vi.spyOn(handles, 'write').mockImplementation(function (this: typeof handles, ...args: unknown[]) {
      calls += 1;
      if (calls === 1) return Reflect.apply(write, this, [args[0], args[1], 5, args[3]]);
      return Promise.reject(diskFull());
    } as typeof handles.write);
    await expect(journal.append([set('a', '2')])).rejects.toThrow('ENOSPC');
    expect(state.get('a')).toBe('1');
    expect((await readFile(file)).equals(frameEntry(set('a', '1')))).toBe(true);
    vi.restoreAllMocks();
    await journal.append([set('a', '3')]);
    await journal.close();
    const reopened = await openWithMap();
    expect(reopened.state.get('a')).toBe('3');
    await reopened.journal.close();
  });

  test('that cannot be undone ends the journal, so that no refused entry comes back', async () => {
    const { journal } = await openWithMap();
    const handles = await fileHandles();
    vi.spyOn(handles, 'write').mockRejectedValue(diskFull());
    vi.spyOn(handles, 'truncate').mockRejectedValue(diskFull());
    await expect(journal.append([set('a', '1')])).rejects.toThrow('ENOSPC');
    vi.restoreAllMocks();
    await expect(journal.append([set('a', '2')])).rejects.toThrow('ENOSPC');
    await journal.close();
  });
});

test('after a failed sync nothing more is promised', async () => {
  const { journal } = await openWithMap({ fsync: 'always' });
  vi.spyOn(await fileHandles(), 'datasync').mockRejectedValueOnce(new Error('EIO: i/o error'));
  await expect(journal.append([set('a', '1')])).rejects.toThrow('EIO');
  await expect(journal.append([set('a', '2')])).rejects.toThrow('EIO');
  await journal.close();
});
