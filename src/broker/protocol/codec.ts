import { ProtocolError, type Reader } from './reader.ts';
import type { FieldNode, Schema, SchemaNode } from './schema.ts';
import type { Writer } from './writer.ts';

type Read = (reader: Reader) => unknown;
type Write = (writer: Writer, value: never) => void;

const presentIn = (version: number) => (field: FieldNode) => version >= field.since && version <= field.until;

const required = <T>(value: T | null, kind: string): T => {
  if (value === null) throw new ProtocolError(`null ${kind} where none is allowed`);
  return value;
};

const empty = Buffer.alloc(0);

/** A function that reads one version of a schema. Closures are made once, so a request pays no interpretation. */
export function compileReader<D, E>(schema: Schema<D, E>, version: number, flexible: boolean): (reader: Reader) => D {
  // The one place where the schema's data and its type meet; the round-trip tests hold them together.
  return readerOf(schema.node, version, flexible, false) as (reader: Reader) => D;
}

/** A function that writes one version of a schema. */
export function compileWriter<D, E>(
  schema: Schema<D, E>,
  version: number,
  flexible: boolean,
): (writer: Writer, value: E) => void {
  return writerOf(schema.node, version, flexible, false) as (writer: Writer, value: E) => void;
}

function readerOf(node: SchemaNode, version: number, flexible: boolean, nullable: boolean): Read {
  switch (node.kind) {
    case 'int8':
      return (r) => r.int8();
    case 'int16':
      return (r) => r.int16();
    case 'int32':
      return (r) => r.int32();
    case 'int64':
      return (r) => r.int64();
    case 'boolean':
      return (r) => r.boolean();
    case 'uuid':
      return (r) => r.uuid();
    case 'string':
      return nullable ? (r) => r.string(flexible) : (r) => required(r.string(flexible), 'string');
    case 'bytes':
      return nullable ? (r) => r.bytes(flexible) : (r) => required(r.bytes(flexible), 'bytes');
    case 'slices':
      return (r) => {
        const value = r.bytes(flexible);
        return value === null || value.length === 0 ? [] : [value];
      };
    case 'nullable':
      return readerOf(node.of, version, flexible, version >= node.from);
    case 'array': {
      const element = readerOf(node.of, version, flexible, false);
      return (r) => {
        const count = r.count(flexible);
        if (count === null) return nullable ? null : required(null, 'array');
        const values: unknown[] = [];
        for (let index = 0; index < count; index++) values.push(element(r));
        return values;
      };
    }
    case 'struct':
      return structReader(node.fields, version, flexible);
  }
}

function structReader(nodes: readonly FieldNode[], version: number, flexible: boolean): Read {
  const isPresent = presentIn(version);
  const fields = nodes.map((field) => ({
    name: field.name,
    absent: field.absent,
    read: isPresent(field) ? readerOf(field.of, version, flexible, false) : null,
  }));
  return (r) => {
    const value: Record<string, unknown> = {};
    for (const field of fields) value[field.name] = field.read ? field.read(r) : field.absent;
    if (flexible) r.skipTags();
    return value;
  };
}

function writerOf(node: SchemaNode, version: number, flexible: boolean, nullable: boolean): Write {
  switch (node.kind) {
    case 'int8':
      return (w, value: number) => w.int8(value);
    case 'int16':
      return (w, value: number) => w.int16(value);
    case 'int32':
      return (w, value: number) => w.int32(value);
    case 'int64':
      return (w, value: number) => w.int64(value);
    case 'boolean':
      return (w, value: boolean) => w.boolean(value);
    case 'uuid':
      return (w, value: string | null) => w.uuid(value);
    case 'string':
      return nullable
        ? (w, value: string | null) => w.string(value, flexible)
        : (w, value: string | null) => w.string(value ?? '', flexible);
    case 'bytes':
      return nullable
        ? (w, value: Buffer | null) => w.bytes(value, flexible)
        : (w, value: Buffer | null) => w.bytes(value ?? empty, flexible);
    case 'slices':
      return (w, value: readonly Buffer[]) => w.slices(value, flexible);
    case 'nullable':
      return writerOf(node.of, version, flexible, version >= node.from);
    case 'array': {
      const element = writerOf(node.of, version, flexible, false);
      return (w, values: readonly never[] | null) => {
        if (values === null) {
          w.count(nullable ? null : 0, flexible);
          return;
        }
        w.count(values.length, flexible);
        for (const value of values) element(w, value);
      };
    }
    case 'struct':
      return structWriter(node.fields, version, flexible);
  }
}

function structWriter(nodes: readonly FieldNode[], version: number, flexible: boolean): Write {
  const fields = nodes.filter(presentIn(version)).map((field) => ({
    name: field.name,
    absent: field.absent,
    write: writerOf(field.of, version, flexible, false),
  }));
  return (w, value: Record<string, never>) => {
    for (const field of fields) {
      const given = value[field.name];
      field.write(w, given === undefined ? (field.absent as never) : given);
    }
    if (flexible) w.uvarint(0);
  };
}
