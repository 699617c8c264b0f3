import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileReader, compileWriter } from '../../../src/broker/protocol/codec.ts';
import { ProtocolError, Reader } from '../../../src/broker/protocol/reader.ts';
import {
  array,
  between,
  boolean,
  bytes,
  int8,
  int16,
  int32,
  int64,
  nullable,
  type Schema,
  since,
  slices,
  string,
  struct,
  until,
  uuid,
} from '../../../src/broker/protocol/schema.ts';
import { Writer } from '../../../src/broker/protocol/writer.ts';
import { valuesOf } from './_schema-values.ts';

const everything = struct({
  tiny: int8,
  short: int16,
  whole: int32,
  long: int64,
  flag: boolean,
  id: uuid,
  name: string,
  maybeName: nullable(string, 2),
  payload: bytes,
  maybePayload: nullable(bytes),
  records: slices,
  early: until(1, int32),
  late: since(3, string, 'absent'),
  middle: between(1, 2, array(int64)),
  rows: nullable(array(struct({ key: string, values: array(int16), extra: since(2, boolean, true) })), 1),
});

const encode = <D, E>(schema: Schema<D, E>, value: E, version: number, flexible: boolean): Buffer => {
  const writer = new Writer(16);
  compileWriter(schema, version, flexible)(writer, value);
  return Buffer.concat(writer.finish().chunks);
};

describe('codec', () => {
  for (const flexible of [false, true]) {
    for (const version of [0, 1, 2, 3]) {
      test(`version ${version}${flexible ? ', flexible,' : ''} reads back what it wrote`, () => {
        fc.assert(
          fc.property(valuesOf(everything.node, version), (value) => {
            const frame = encode(everything as Schema, value, version, flexible);
            const reader = new Reader(frame);
            expect(compileReader(everything as Schema, version, flexible)(reader)).toEqual(value);
            expect(reader.remaining).toBe(0);
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  test('every frame that is cut short is refused with a protocol error', () => {
    fc.assert(
      fc.property(valuesOf(everything.node, 3), fc.nat(), (value, cut) => {
        const frame = encode(everything as Schema, value, 3, true);
        const read = compileReader(everything, 3, true);
        expect(() => read(new Reader(frame.subarray(0, cut % frame.length)))).toThrow(ProtocolError);
      }),
    );
  });

  test('random bytes give a value or a protocol error, nothing else', () => {
    const read = compileReader(everything, 3, true);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        try {
          read(new Reader(Buffer.from(noise)));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });

  test('a count beyond the frame is refused before anything is allocated', () => {
    const frame = Buffer.from([0x7f, 0xff, 0xff, 0xff, 0]);
    expect(() => compileReader(array(int32), 0, false)(new Reader(frame))).toThrow('exceeds the frame');
  });

  test('null is written as the empty value in versions that know no null', () => {
    const schema = struct({ name: nullable(string, 7), rows: nullable(array(int32), 7) });
    expect(encode(schema, { name: null, rows: null }, 6, false).toString('hex')).toBe('000000000000');
    expect(encode(schema, { name: null, rows: null }, 7, false).toString('hex')).toBe('ffffffffffff');
  });

  test('a field with a default may be left out', () => {
    const schema = struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16 });
    expect(encode(schema, { errorCode: 3 }, 1, false).toString('hex')).toBe('000000000003');
    expect(encode(schema, { errorCode: 3 }, 0, false).toString('hex')).toBe('0003');
  });

  test('unknown tagged fields are skipped', () => {
    const frame = Buffer.from([0, 5, 2, 0, 1, 0xaa, 9, 2, 0xbb, 0xcc, 0x7e]);
    const reader = new Reader(frame);
    expect(compileReader(struct({ code: int16 }), 0, true)(reader)).toEqual({ code: 5 });
    expect(reader.remaining).toBe(1);
  });

  test('record slices go into a frame without a copy', () => {
    const records = [Buffer.from('batch-one'), Buffer.from('batch-two')];
    const writer = new Writer();
    compileWriter(struct({ records: slices, end: int8 }), 0, false)(writer, { records, end: 1 });
    const { chunks, size } = writer.finish();
    expect(chunks[1]).toBe(records[0]);
    expect(chunks[2]).toBe(records[1]);
    expect(size).toBe(4 + 18 + 1);
  });

  test('64-bit values beyond the safe range are refused', () => {
    expect(() => new Reader(Buffer.from('7fffffffffffffff', 'hex')).int64()).toThrow(ProtocolError);
    expect(new Reader(Buffer.from('ffffffffffffffff', 'hex')).int64()).toBe(-1);
  });
});
