import fc from 'fast-check';
import type { SchemaNode } from '../../../src/broker/protocol/schema.ts';

const hexDigits = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 16, maxLength: 16 });

/** Values that a version of a schema can carry, made from the schema itself. */
export function valuesOf(node: SchemaNode, version: number): fc.Arbitrary<unknown> {
  switch (node.kind) {
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'int16':
      return fc.integer({ min: -32_768, max: 32_767 });
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.maxSafeInteger();
    case 'boolean':
      return fc.boolean();
    case 'uuid':
      return hexDigits.map((bytes) => (bytes.every((byte) => byte === 0) ? null : Buffer.from(bytes).toString('hex')));
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 20 });
    case 'bytes':
      return fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    case 'slices':
      return fc.uint8Array({ maxLength: 300 }).map((bytes) => (bytes.length === 0 ? [] : [Buffer.from(bytes)]));
    case 'nullable':
      return version >= node.from ? fc.option(valuesOf(node.of, version)) : valuesOf(node.of, version);
    case 'array':
      return fc.array(valuesOf(node.of, version), { maxLength: 4 });
    case 'struct':
      return fc.record(
        Object.fromEntries(
          node.fields.map((field) => [
            field.name,
            version >= field.since && version <= field.until ? valuesOf(field.of, version) : fc.constant(field.absent),
          ]),
        ),
        { noNullPrototype: true },
      );
  }
}
