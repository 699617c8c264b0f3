/** What statements are given and rows hold. Every whole number of ours is safe, or close to what it was. */
export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, unknown>>;

/** Where statements run, one after the other. Parameters are written `?`. */
export interface Session {
  query(sql: string, parameters?: readonly SqlValue[]): Promise<SqlRow[]>;
  execute(sql: string, parameters?: readonly SqlValue[]): Promise<void>;
}

/** What the three databases say differently. Everything else is the same SQL, see schema.ts and put-windows.ts. */
export interface Dialect {
  readonly types: Readonly<Record<'id' | 'flag' | 'digest' | 'text', string>>;
  /** After `create table (…)`. All but the plain ones are large, and best kept in the order of their primary key. */
  readonly tableOptions: Readonly<Record<'clustered' | 'changing' | 'plain', string>>;
  /** After a select: nobody else may change these rows until the transaction ends. */
  readonly forUpdate: string;
  /** After an insert: rows that are there already stay as they are. */
  keepPresent(keys: readonly string[]): string;
  /** After an insert: what rows that are there already become, by column. `incoming` names the new row's value. */
  updatePresent(keys: readonly string[], values: (incoming: (column: string) => string) => readonly string[]): string;
  readonly createView: string;
  /** What rows are inserted from: a list of values, unless there is something quicker. */
  rowsOf(rows: readonly (readonly number[])[]): string;
  /** So many rows go into one insert. */
  readonly rowsPerInsert: number;
}

/**
 * A database, connected to when it is needed and again when the connection is gone.
 * All that it does may reject with a DashctlError, whose message names no credentials.
 */
export interface SqlDatabase {
  readonly dialect: Dialect;
  /** A new number whenever it was connected to anew: what was known of its contents may no longer be so. */
  readonly generation: number;
  /** One statement that changes nothing, seeing what is committed. */
  query(sql: string, parameters?: readonly SqlValue[]): Promise<SqlRow[]>;
  /**
   * One transaction at a time. The work may be run several times, when the database chose it to end a deadlock or had
   * closed the connection; it has to lead to the same when it had been committed already.
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Like a transaction, while no other process does the same; where tables are not made in transactions, without. */
  migration<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
