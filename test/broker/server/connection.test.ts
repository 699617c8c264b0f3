import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApiVersions } from '../../../src/broker/apis/api-versions.ts';
import { apis } from '../../../src/broker/apis/router.ts';
import { BufferPool } from '../../../src/broker/log/buffer-pool.ts';
import { startTestBroker, type TestBroker } from '../../_support/broker.ts';
import { connectRaw, type RawClient, requestFrame } from '../_raw-client.ts';

const apiVersions = createApiVersions(() => []);
const asking = { clientSoftwareName: 'raw', clientSoftwareVersion: '1.0' };

let broker: TestBroker;
let client: RawClient;
beforeEach(async () => {
  broker = await startTestBroker();
  client = await connectRaw(broker.port);
});
afterEach(async () => {
  client.close();
  await broker.stop();
});

const warnings = () => broker.lines.filter(({ level }) => level >= 40).map(({ msg }) => msg);

describe('connection', () => {
  test('every version of ApiVersions lists every API', async () => {
    for (let version = 0; version <= 4; version++) {
      const { errorCode, apiKeys } = await client.call(apiVersions, version, asking);
      expect(errorCode).toBe(0);
      expect(apiKeys).toHaveLength(apis.size);
      expect(apiKeys).toContainEqual({ apiKey: 0, minVersion: 0, maxVersion: 9 });
    }
  });

  test('a version of ApiVersions that is not known is answered in the layout of version 0, and the connection goes on', async () => {
    client.socket.write(Buffer.from('0000000a00120009000000630000', 'hex'));
    const frame = await client.frame();
    expect(frame.readInt32BE(0)).toBe(0x63);
    expect(frame.readInt16BE(4)).toBe(35);
    expect(frame.readInt32BE(6)).toBe(apis.size);
    expect(frame.length).toBe(4 + 2 + 4 + apis.size * 6);
    expect((await client.call(apiVersions, 3, asking)).errorCode).toBe(0);
  });

  test('a client software without a proper name is told so', async () => {
    expect((await client.call(apiVersions, 3, { ...asking, clientSoftwareName: '-x' })).errorCode).toBe(42);
  });

  test('a request that arrives byte by byte is answered like any other', async () => {
    for (const byte of requestFrame(apiVersions, 1, 7, asking)) {
      client.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.frame()).readInt32BE(0)).toBe(7);
  });

  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), 'HTTP request'],
    ['a TLS handshake', Buffer.from('16030102000100', 'hex'), 'TLS handshake'],
    ['a frame that is too short', Buffer.from('0000000200120000', 'hex'), '2 bytes is announced'],
    ['an unknown API', Buffer.from('0000000800110000000000010000', 'hex'), 'API 17 is not served'],
    ['an unserved version', Buffer.from('0000000800000002000000010000', 'hex'), 'version 2 of Produce is not served'],
    ['a body that is cut short', Buffer.from('0000000b00030001000000010000ff', 'hex'), 'frame ends'],
    ['a body that announces too much', Buffer.from('0000000e000300010000000100007fffffff', 'hex'), 'exceeds the frame'],
  ])('%s closes the connection with one line that says why', async (_name, bytes, reason) => {
    client.socket.write(bytes);
    await client.closed;
    expect(warnings()).toEqual([expect.stringContaining(reason)]);
    const next = await connectRaw(broker.port);
    expect((await next.call(apiVersions, 0, asking)).errorCode).toBe(0);
    next.close();
  });

  test('frames of noise close connections and nothing else', async () => {
    const keys = [...apis.values()].flatMap(({ key, versions: [first, last] }) => [
      [key, first],
      [key, last],
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...keys),
        fc.uint8Array({ maxLength: 200 }),
        async ([key = 0, version = 0], noise) => {
          const other = await connectRaw(broker.port);
          const frame = Buffer.alloc(14 + noise.length);
          frame.writeInt32BE(frame.length - 4, 0);
          frame.writeInt16BE(key, 4);
          frame.writeInt16BE(version, 6);
          frame.writeInt16BE(-1, 12);
          Buffer.from(noise).copy(frame, 14);
          other.socket.end(frame);
          await other.closed;
        },
      ),
      { numRuns: 150 },
    );
    expect((await client.call(apiVersions, 0, asking)).errorCode).toBe(0);
    expect(broker.lines.filter(({ level }) => level >= 50)).toEqual([]);
  });
});

test('memory is taken as bytes arrive, not for what a length claims', async () => {
  const before = process.memoryUsage().arrayBuffers;
  const others = await Promise.all(Array.from({ length: 20 }, () => connectRaw(broker.port)));
  for (const other of others) other.socket.write(Buffer.from('06000000', 'hex'));
  expect((await client.call(apiVersions, 0, asking)).errorCode).toBe(0);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
  for (const other of others) other.close();
});

test('a frame larger than a read keeps its bytes in order', async () => {
  const { FrameReader } = await import('../../../src/broker/server/frame-reader.ts');
  const source = readFileSync(process.execPath).subarray(0, 300_000);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 8, max: 5_000 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 3_000 }),
      (sizes, step) => {
        const frames = sizes.map((size, index) => source.subarray(index * 100, index * 100 + size));
        const stream = Buffer.concat(
          frames.flatMap((frame) => {
            const length = Buffer.alloc(4);
            length.writeInt32BE(frame.length);
            return [length, frame];
          }),
        );
        const pool = new BufferPool(1024 * 1024);
        const reader = new FrameReader(pool);
        const got: Buffer[] = [];
        for (let at = 0; at < stream.length; at += step) {
          // Used again after it is given back, so each is copied, as a handler does with what it keeps.
          for (const { bytes, pooled } of reader.push(stream.subarray(at, at + step))) {
            got.push(Buffer.from(bytes));
            if (pooled) pool.give(pooled);
          }
        }
        expect(Buffer.concat(got).equals(Buffer.concat(frames))).toBe(true);
        expect(got.length).toBe(frames.length);
        expect(reader.buffered).toBe(0);
      },
    ),
  );
});
