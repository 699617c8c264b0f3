// The declarative form of requests and responses: what a field is, and in which versions it exists. Whether lengths are
// compact and structs end in tags follows from the version alone, so no schema says it.

export type Primitive = 'int8' | 'int16' | 'int32' | 'int64' | 'boolean' | 'uuid' | 'string' | 'bytes' | 'slices';

/** A schema as data, for the codec and for tests that make values from it. */
export type SchemaNode =
  | { readonly kind: Primitive }
  | { readonly kind: 'array'; readonly of: SchemaNode }
  | { readonly kind: 'nullable'; readonly of: SchemaNode; readonly from: number }
  | { readonly kind: 'struct'; readonly fields: readonly FieldNode[] };

export interface FieldNode {
  readonly name: string;
  readonly of: SchemaNode;
  readonly since: number;
  readonly until: number;
  /** What a reader gives where the version has no such field, and a writer writes when the value is left out. */
  readonly absent: unknown;
}

declare const decodedType: unique symbol;
declare const encodableType: unique symbol;

/** A type on the wire. `D` is what reading gives; `E` what writing takes, where fields with a default may be left out. */
export interface Schema<D = unknown, E = D> {
  readonly node: SchemaNode;
  readonly [decodedType]?: D;
  readonly [encodableType]?: E;
}

/** A field that some versions lack. `O` is true when it has a default, so that writers may leave it out. */
export interface Versioned<D = unknown, E = D, O extends boolean = boolean> {
  readonly schema: Schema<D, E>;
  readonly since: number;
  readonly until: number;
  readonly absent: unknown;
  readonly optional: O;
}

type Fields = Readonly<Record<string, Schema | Versioned>>;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Versioned<unknown, unknown, infer O> ? (O extends true ? K : never) : never;
}[keyof F];
type Flat<T> = { [K in keyof T]: T[K] };

/** What reading a schema gives. */
export type Decoded<S> = S extends Versioned<infer D, unknown> ? D : S extends Schema<infer D, unknown> ? D : never;
/** What writing a schema takes. */
export type Encodable<S> = S extends Versioned<unknown, infer E> ? E : S extends Schema<unknown, infer E> ? E : never;

type DecodedFields<F extends Fields> = { [K in keyof F]: Decoded<F[K]> };
type EncodableFields<F extends Fields> = Flat<
  { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Encodable<F[K]> } & {
    readonly [K in OptionalKeys<F>]?: Encodable<F[K]> | undefined;
  }
>;

export const int8: Schema<number> = { node: { kind: 'int8' } };
export const int16: Schema<number> = { node: { kind: 'int16' } };
export const int32: Schema<number> = { node: { kind: 'int32' } };
/** A whole number within ± 2^53; a frame with another is refused. */
export const int64: Schema<number> = { node: { kind: 'int64' } };
export const boolean: Schema<boolean> = { node: { kind: 'boolean' } };
/** 32 hexadecimal digits, null for the zero id. */
export const uuid: Schema<string | null> = { node: { kind: 'uuid' } };
export const string: Schema<string> = { node: { kind: 'string' } };
/** Read as a slice of the frame: copy it to keep it longer than the request. */
export const bytes: Schema<Buffer> = { node: { kind: 'bytes' } };
/** Bytes in several buffers, which go into the frame without a copy: the records of a Fetch response. */
export const slices: Schema<readonly Buffer[]> = { node: { kind: 'slices' } };

/**
 * May be null from the given version on. Before it, a null is written as the empty value, which is what those versions
 * say instead.
 */
export const nullable = <D, E>(schema: Schema<D, E>, from = 0): Schema<D | null, E | null> => ({
  node: { kind: 'nullable', of: schema.node, from },
});

export const array = <D, E>(schema: Schema<D, E>): Schema<D[], readonly E[]> => ({
  node: { kind: 'array', of: schema.node },
});

/** A struct with its fields in wire order. */
export function struct<const F extends Fields>(fields: F): Schema<DecodedFields<F>, EncodableFields<F>> {
  const nodes = Object.entries(fields).map(([name, field]): FieldNode => {
    if ('node' in field) {
      return { name, of: field.node, since: 0, until: Number.POSITIVE_INFINITY, absent: undefined };
    }
    return { name, of: field.schema.node, since: field.since, until: field.until, absent: field.absent };
  });
  return { node: { kind: 'struct', fields: nodes } };
}

/**
 * A field of the versions `first` to `last`. With a default it may be left out when writing; reading another version
 * gives the default, or without one the type's empty value.
 */
export function between<D, E>(first: number, last: number, schema: Schema<D, E>): Versioned<D, E, false>;
export function between<D, E>(first: number, last: number, schema: Schema<D, E>, absent: D): Versioned<D, E, true>;
export function between<D, E>(first: number, last: number, schema: Schema<D, E>, absent?: D): Versioned<D, E> {
  const optional = absent !== undefined;
  return { schema, since: first, until: last, absent: optional ? absent : emptyValue(schema.node), optional };
}

/** A field that exists from a version on; see `between`. */
export function since<D, E>(first: number, schema: Schema<D, E>): Versioned<D, E, false>;
export function since<D, E>(first: number, schema: Schema<D, E>, absent: D): Versioned<D, E, true>;
export function since<D, E>(first: number, schema: Schema<D, E>, absent?: D): Versioned<D, E> {
  return absent === undefined
    ? between(first, Number.POSITIVE_INFINITY, schema)
    : between(first, Number.POSITIVE_INFINITY, schema, absent);
}

/** A field that a version was the last to have; see `between`. */
export function until<D, E>(last: number, schema: Schema<D, E>): Versioned<D, E, false>;
export function until<D, E>(last: number, schema: Schema<D, E>, absent: D): Versioned<D, E, true>;
export function until<D, E>(last: number, schema: Schema<D, E>, absent?: D): Versioned<D, E> {
  return absent === undefined ? between(0, last, schema) : between(0, last, schema, absent);
}

/** A field of all versions that may be left out when writing. */
export const defaulting = <D, E>(schema: Schema<D, E>, absent: D): Versioned<D, E, true> => since(0, schema, absent);

function emptyValue(node: SchemaNode): unknown {
  switch (node.kind) {
    case 'boolean':
      return false;
    case 'uuid':
    case 'nullable':
      return null;
    case 'string':
      return '';
    case 'bytes':
      return Buffer.alloc(0);
    case 'array':
    case 'slices':
      return [];
    case 'struct':
      return Object.fromEntries(node.fields.map((field) => [field.name, field.absent ?? emptyValue(field.of)]));
    default:
      return 0;
  }
}
