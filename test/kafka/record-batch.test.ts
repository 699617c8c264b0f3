import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBatch } from '../../src/kafka/batch-body.ts';
import { readBatchHeader } from '../../src/kafka/batch-header.ts';
import { writeInt64 } from '../../src/kafka/bytes.ts';
import { decodeRecords, type SourceRecord } from '../../src/kafka/record-batch-decoder.ts';
import { encodeRecordBatches, type SinkRecord, sealBatch } from '../../src/kafka/record-batch-encoder.ts';
import { recordScan } from '../../src/kafka/record-scan.ts';
import { crc32c } from '../../src/runtime/crc32c.ts';
import { type Codec, codecs, recompress, withAttributes, xerialSnappy } from './_compressors.ts';

const content = fc.oneof(
  fc.constant(null),
  fc.constantFrom('0', '1', 'NULL', ''),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const record: fc.Arbitrary<SinkRecord> = fc.record(
  {
    value: content,
    key: content,
    timestamp: fc.oneof(fc.nat(), fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 })),
    headers: fc.dictionary(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 40 }), {
      maxKeys: 5,
    }),
  },
  { requiredKeys: ['value', 'timestamp'] },
);

const bytesOf = (text: string | Buffer | null | undefined) =>
  text === null || text === undefined ? null : Buffer.from(text as string);

const seal = (records: readonly SinkRecord[], maxBytes = 1_000_000, baseOffset = 0): Buffer[] => {
  let offset = baseOffset;
  return encodeRecordBatches(records, maxBytes).map(({ bytes, recordCount }) => {
    sealBatch(bytes, { id: 7, epoch: 1 }, 0);
    writeInt64(bytes, offset, 0);
    offset += recordCount;
    return bytes;
  });
};

function decodeAll(bytes: Buffer, from = 0): SourceRecord[] {
  const into: SourceRecord[] = [];
  for (const batch of batchesIn(bytes)) decodeRecords(bytes, batch, from, into);
  return into;
}

function* batchesIn(bytes: Buffer) {
  for (let batch = readBatchHeader(bytes, 0); batch; batch = readBatchHeader(bytes, batch.end)) yield batch;
}

const scanAll = (bytes: Buffer, from = 0) =>
  recordScan(
    [...batchesIn(bytes)].map((batch) => openBatch(bytes, batch)),
    from,
    (cause) => new Error('damaged', { cause }),
  );

const expected = (records: readonly SinkRecord[], base = 0) =>
  records.map(({ value, key, timestamp, headers }, index) => ({
    offset: base + index,
    timestamp,
    key: bytesOf(key),
    value: bytesOf(value),
    headers: { ...headers },
  }));

const plain = (records: readonly SourceRecord[]) => records.map((each) => ({ ...each, headers: { ...each.headers } }));

describe('a scan of record batches', () => {
  test('passes what decoding them gives, as often as one likes', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 40 }),
        fc.integer({ min: 200, max: 5_000 }),
        fc.nat(45),
        (records, maxBytes, from) => {
          const bytes = Buffer.concat(seal(records, maxBytes));
          const scan = scanAll(bytes).from(from);
          const kept = () => Array.from(scan, ({ offset, timestamp, value }) => ({ offset, timestamp, value }));
          const decoded = decodeAll(bytes, from).map(({ offset, timestamp, value }) => ({ offset, timestamp, value }));
          expect(kept()).toEqual(decoded);
          expect(kept()).toEqual(decoded);
          expect(scan.atMost).toBeGreaterThanOrEqual(decoded.length);
        },
      ),
    );
  });

  test('makes one object for all records', () => {
    const seen = new Set(scanAll(Buffer.concat(seal(['a', 'b', 'c'].map((value) => ({ value, timestamp: 1 }))))));
    expect(seen.size).toBe(1);
  });

  test('says in its own words that it has come upon damage', () => {
    const [batch = Buffer.alloc(0)] = seal([{ value: 'x', timestamp: 5 }]);
    batch.writeUInt8(0x7f, 61);
    batch.writeUInt32BE(crc32c(batch, 21), 17);
    expect(() => [...scanAll(batch)]).toThrow('damaged');
  });
});

describe('record batches', () => {
  test.each(Object.keys(codecs) as Codec[])('come back from %s as they were sent', (codec) => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 200, max: 5_000 }),
        fc.integer({ min: 0, max: 2 ** 50 }),
        (records, maxBytes, base) => {
          const batches = seal(records, maxBytes, base).map((batch) => recompress(batch, codec));
          expect(plain(decodeAll(Buffer.concat(batches)))).toEqual(expected(records, base));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("come back from snappy in the frames of Java's library", () => {
    const records = Array.from({ length: 2_000 }, (_, i) => ({ value: `value ${i % 7}`, timestamp: i }));
    const [batch] = seal(records).map((bytes) => recompress(bytes, 'snappy', xerialSnappy));
    expect(plain(decodeAll(batch ?? Buffer.alloc(0)))).toEqual(expected(records));
  });

  test('stay below the size given, and a larger record gets one of its own', () => {
    const records = ['a'.repeat(50), 'b'.repeat(2_000), 'c', 'd'].map((value) => ({ value, timestamp: 1 }));
    const batches = encodeRecordBatches(records, 300);
    expect(batches.map(({ recordCount }) => recordCount)).toEqual([1, 1, 2]);
    expect(batches.map(({ bytes }) => bytes.length > 300)).toEqual([false, true, false]);
  });

  test('carry the producer and its sequence under the checksum', () => {
    const [batch = Buffer.alloc(0)] = seal([{ value: 'x', timestamp: 5 }]);
    expect(batch.readUInt32BE(17)).toBe(crc32c(batch, 21));
    expect([batch.readInt32BE(47), batch.readInt16BE(51), batch.readInt32BE(53)]).toEqual([7, 1, 0]);
  });

  test('are read from an offset within them', () => {
    const records = ['a', 'b', 'c'].map((value) => ({ value, timestamp: 1 }));
    const values = decodeAll(Buffer.concat(seal(records, 1_000, 10)), 12).map(({ value }) => String(value));
    expect(values).toEqual(['c']);
  });

  test('that the broker has stamped have its time in every record', () => {
    const [batch = Buffer.alloc(0)] = seal([1, 2, 9].map((timestamp) => ({ value: 'x', timestamp })));
    const stamped = withAttributes(batch, 8);
    expect(decodeAll(stamped).map(({ timestamp }) => timestamp)).toEqual([9, 9, 9]);
  });

  test('that are damaged are noticed', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), fc.nat(), (records, place) => {
        const [batch = Buffer.alloc(0)] = seal(records);
        const at = 21 + (place % (batch.length - 21));
        batch.writeUInt8((batch[at] ?? 0) ^ 0x10, at);
        expect(() => decodeAll(batch)).toThrow(RangeError);
      }),
      { numRuns: 100 },
    );
  });

  test('of the formats before Kafka 0.11 are refused by name', () => {
    const [batch = Buffer.alloc(0)] = seal([{ value: 'x', timestamp: 5 }]);
    batch[16] = 1;
    expect(() => decodeAll(batch)).toThrow('message format 1');
  });

  test('cut off by the end of a fetch are left for the next one', () => {
    const batches = Buffer.concat(
      seal(
        [1, 2, 3].map((i) => ({ value: 'x'.repeat(100), timestamp: i })),
        200,
      ),
    );
    expect(decodeAll(batches.subarray(0, batches.length - 1))).toHaveLength(2);
  });
});

test('compressed rubbish is an error, never a hang or a crash of the process', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Codec>('gzip', 'snappy', 'lz4', 'zstd'),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      (codec, rubbish) => {
        const [batch = Buffer.alloc(0)] = seal([{ value: 'x'.repeat(50), timestamp: 5 }]);
        const broken = recompress(batch, codec, () => Buffer.from(rubbish));
        expect(() => decodeAll(broken)).toThrow();
      },
    ),
    { numRuns: 300 },
  );
});

test('crc32c gives the value that RFC 3720 lists', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
});
