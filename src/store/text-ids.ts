import { hash } from 'node:crypto';
import type { Dialect, Session, SqlDatabase, SqlRow } from './database.ts';

// Texts that are remembered; of many more, the older half is asked for again.
const mostRemembered = 100_000;
// What one statement holds, well below what any database takes.
const textsPerStatement = 200;
const charactersPerStatement = 500_000;

/** What a text is found by: equal for the same UTF-16 code units, and only for those. */
export const digestOf = (text: string) => hash('sha256', Buffer.from(text, 'utf16le'), 'hex').slice(0, 32);

// NUL is no text to PostgreSQL, a lone surrogate is none in UTF-8.
const isUnkeepable = (text: string) => text.includes('\0') || !text.isWellFormed();

/** What a text is kept as: as people read it, and as JSON where that is not the same. */
const kept = (text: string) =>
  isUnkeepable(text)
    ? { value: text.toWellFormed().replaceAll('\0', '\u2400'), exact: JSON.stringify(text) }
    : { value: text, exact: null };

/** The text of a row that has `value` and `exact`. */
export const textOf = ({ value, exact }: SqlRow): string =>
  exact === null || exact === undefined ? String(value) : JSON.parse(String(exact));

/**
 * The numbers that texts go by in the tables: pipelines, keys and partitions. New ones are given numbers in a
 * transaction of their own, before the one that needs them: numbers are never taken back, so one too many does no
 * harm, and two writers wait for each other only while they have the same new text.
 */
export function textIds(database: SqlDatabase) {
  let [young, old] = [new Map<string, number>(), new Map<string, number>()];
  let generation = database.generation;

  const remembered = (text: string) => {
    const id = young.get(text) ?? old.get(text);
    if (id !== undefined && !young.has(text)) remember(text, id);
    return id;
  };
  const remember = (text: string, id: number) => {
    if (young.size >= mostRemembered / 2) [young, old] = [new Map(), young];
    young.set(text, id);
  };

  return async (texts: Iterable<string>): Promise<ReadonlyMap<string, number>> => {
    // A database that was away may have come back from a backup.
    if (generation !== database.generation) [young, old, generation] = [new Map(), new Map(), database.generation];
    const ids = new Map<string, number>();
    const unknown: string[] = [];
    for (const text of new Set(texts)) {
      const id = remembered(text);
      if (id === undefined) unknown.push(text);
      else ids.set(text, id);
    }
    if (unknown.length === 0) return ids;
    const found = await database.transaction((session) => findOrAdd(session, database.dialect, unknown));
    for (const [text, id] of found) {
      ids.set(text, id);
      remember(text, id);
    }
    return ids;
  };
}

async function findOrAdd(session: Session, dialect: Dialect, texts: readonly string[]): Promise<Map<string, number>> {
  // In the order of the digest, so that two that add the same do not wait for each other in a circle.
  const wanted = texts.map((text) => ({ text, digest: digestOf(text) })).sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const ids = new Map<string, number>();
  for (const some of inStatements(wanted)) {
    const present = await find(session, some);
    const missing = some.filter(({ digest }) => !present.has(digest));
    if (missing.length > 0) {
      await add(session, dialect, missing);
      for (const [digest, id] of await find(session, missing)) present.set(digest, id);
    }
    for (const { text, digest } of some) {
      const id = present.get(digest);
      if (id === undefined) throw new Error(`a text of ${text.length} characters was stored and is not there`);
      ids.set(text, id);
    }
  }
  return ids;
}

interface Wanted {
  text: string;
  digest: string;
}

function* inStatements(wanted: readonly Wanted[]): Generator<Wanted[]> {
  let some: Wanted[] = [];
  let characters = 0;
  for (const one of wanted) {
    if (
      some.length === textsPerStatement ||
      (some.length > 0 && characters + one.text.length > charactersPerStatement)
    ) {
      yield some;
      [some, characters] = [[], 0];
    }
    some.push(one);
    characters += one.text.length;
  }
  yield some;
}

async function find(session: Session, wanted: readonly Wanted[]): Promise<Map<string, number>> {
  const marks = wanted.map(() => '?').join(',');
  const digests = wanted.map(({ digest }) => digest);
  const rows = await session.query(`select digest, id from dashctl_texts where digest in (${marks})`, digests);
  return new Map(rows.map(({ digest, id }) => [String(digest), Number(id)]));
}

async function add(session: Session, dialect: Dialect, missing: readonly Wanted[]): Promise<void> {
  const marks = missing.map(() => '(?,?,?)').join(',');
  const parameters = missing.flatMap(({ text, digest }) => {
    const { value, exact } = kept(text);
    return [digest, value, exact];
  });
  const insert = `insert into dashctl_texts (digest, value, exact) values ${marks}`;
  await session.execute(`${insert} ${dialect.keepPresent(['digest'])}`, parameters);
}
