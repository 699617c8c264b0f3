import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apis, route } from '../../../src/broker/apis/router.ts';
import { compileReader, compileWriter } from '../../../src/broker/protocol/codec.ts';
import { ProtocolError, Reader } from '../../../src/broker/protocol/reader.ts';
import type { Schema } from '../../../src/broker/protocol/schema.ts';
import { Writer } from '../../../src/broker/protocol/writer.ts';
import { valuesOf } from '../protocol/_schema-values.ts';

// What clients of all ages were seen to need: key, first and last version, first flexible one.
const ranges: [name: string, key: number, first: number, last: number, flexibleFrom: number | null][] = [
  ['Produce', 0, 0, 9, 9],
  ['Fetch', 1, 4, 13, 12],
  ['ListOffsets', 2, 1, 7, 6],
  ['Metadata', 3, 0, 12, 9],
  ['OffsetCommit', 8, 2, 8, 8],
  ['OffsetFetch', 9, 1, 8, 6],
  ['FindCoordinator', 10, 0, 4, 3],
  ['JoinGroup', 11, 0, 9, 6],
  ['Heartbeat', 12, 0, 4, 4],
  ['LeaveGroup', 13, 0, 5, 4],
  ['SyncGroup', 14, 0, 5, 4],
  ['DescribeGroups', 15, 0, 5, 5],
  ['ListGroups', 16, 0, 5, 3],
  ['ApiVersions', 18, 0, 4, 3],
  ['CreateTopics', 19, 2, 7, 5],
  ['DeleteTopics', 20, 1, 6, 4],
  ['DeleteRecords', 21, 0, 2, 2],
  ['InitProducerId', 22, 0, 4, 2],
  ['OffsetForLeaderEpoch', 23, 2, 4, 4],
  ['AddPartitionsToTxn', 24, 0, 3, 3],
  ['AddOffsetsToTxn', 25, 0, 3, 3],
  ['EndTxn', 26, 0, 3, 3],
  ['TxnOffsetCommit', 28, 0, 3, 3],
  ['DescribeConfigs', 32, 1, 4, 4],
  ['AlterConfigs', 33, 0, 2, 2],
  ['DescribeLogDirs', 35, 1, 4, 2],
  ['CreatePartitions', 37, 0, 3, 2],
  ['DeleteGroups', 42, 0, 2, 2],
  ['IncrementalAlterConfigs', 44, 0, 1, 1],
  ['OffsetDelete', 47, 0, 0, null],
  ['DescribeCluster', 60, 0, 1, 0],
  ['DescribeTransactions', 65, 0, 0, 0],
  ['ListTransactions', 66, 0, 1, 0],
];

test('the advertised APIs and ranges are those that clients were proved with', () => {
  const advertised = [...apis.values()]
    .sort((a, b) => a.key - b.key)
    .map((api) => {
      const [first, last] = api.advertised;
      const flexible = Array.from({ length: last + 1 }, (_, version) => version).find(api.isFlexible);
      return [api.name, api.key, first, last, flexible ?? null];
    });
  expect(advertised).toEqual(ranges);
});

test('versions beside a range and unknown keys find no handler', () => {
  for (const { key, versions } of apis.values()) {
    if (key === 18) continue;
    expect(() => route(key, versions[0] - 1)).toThrow(ProtocolError);
    expect(() => route(key, versions[1] + 1)).toThrow(ProtocolError);
  }
  expect(() => route(17, 0)).toThrow('API 17 is not served');
  expect(() => route(0, 2)).toThrow('version 2 of Produce is not served');
});

describe('every request and response reads back what it wrote', () => {
  for (const api of apis.values()) {
    test(`${api.name} v${api.versions.join('–')}`, () => {
      for (let version = api.versions[0]; version <= api.versions[1]; version++) {
        for (const schema of [api.request, api.response]) roundTrip(schema, version, api.isFlexible(version));
      }
    });
  }
});

function roundTrip(schema: Schema, version: number, flexible: boolean): void {
  const read = compileReader(schema, version, flexible);
  const write = compileWriter(schema, version, flexible);
  fc.assert(
    fc.property(valuesOf(schema.node, version), (value) => {
      const writer = new Writer();
      write(writer, value);
      const reader = new Reader(Buffer.concat(writer.finish().chunks));
      expect(read(reader)).toEqual(value);
      expect(reader.remaining).toBe(0);
    }),
    { numRuns: 12 },
  );
}
