import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../../../src/broker/apis/api.ts';
import { apis } from '../../../src/broker/apis/router.ts';
import type { SchemaNode } from '../../../src/broker/protocol/schema.ts';
import { startTestBroker, type TestBroker } from '../../_support/broker.ts';
import { connectRaw } from '../_raw-client.ts';

/** The least that a version of a schema can carry. */
function least(node: SchemaNode, version: number): unknown {
  switch (node.kind) {
    case 'boolean':
      return false;
    case 'string':
      return 'x';
    case 'uuid':
      return null;
    case 'bytes':
      return Buffer.alloc(0);
    case 'slices':
    case 'array':
      return [];
    case 'nullable':
      return version >= node.from ? null : least(node.of, version);
    case 'struct':
      return Object.fromEntries(
        node.fields.map((field) => [
          field.name,
          version >= field.since && version <= field.until ? least(field.of, version) : field.absent,
        ]),
      );
    default:
      // For Produce, 0 would mean that no answer is wanted; elsewhere 1 is as good as anything.
      return 1;
  }
}

const all = [...apis.values()];
const served = all.flatMap((api) =>
  Array.from({ length: api.versions[1] - api.versions[0] + 1 }, (_, index) => [api, api.versions[0] + index] as const),
);
// ApiVersions answers any version, with those that it knows.
const beside = all
  .filter(({ key }) => key !== 18)
  .flatMap(({ key, versions: [first, last] }) => [
    [key, first - 1],
    [key, last + 1],
  ]);
const unknownKeys = Array.from({ length: 100 }, (_, key) => key).filter((key) => !apis.has(key));

describe('the table of versions', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterAll(() => broker.stop());
  const troubles = () => broker.lines.filter(({ level }) => level >= 40).map(({ msg }) => msg);

  test(`every one of ${served.length} pairs of key and version is answered in its layout`, async () => {
    const before = troubles().length;
    const client = await connectRaw(broker.port);
    for (const [api, version] of served) {
      const body = least(api.request.node, version);
      const answer = client.call(api as Api, version, body as never);
      await expect(answer, `${api.name} v${version}`).resolves.toBeTypeOf('object');
    }
    client.close();
    expect(troubles().slice(before)).toEqual([]);
  });

  test.each([
    ['versions beside a range', beside],
    ['unknown keys', [...unknownKeys, 32_767, -1].map((key) => [key, 0])],
  ])('%s close the connection, each with one line', async (_name, pairs) => {
    for (const [key = 0, version = 0] of pairs) {
      const before = troubles().length;
      const client = await connectRaw(broker.port);
      const frame = Buffer.alloc(14);
      frame.writeInt32BE(10, 0);
      frame.writeInt16BE(key, 4);
      frame.writeInt16BE(version, 6);
      frame.writeInt16BE(-1, 12);
      client.socket.write(frame);
      await client.closed;
      expect(troubles().slice(before), `key ${key} v${version}`).toEqual([expect.stringContaining('is not served')]);
    }
  });
});
