import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replyFrames } from '../../src/kafka/reply-frames.ts';

const frame = (correlationId: number, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 4, 0);
  head.writeInt32BE(correlationId, 4);
  return Buffer.concat([head, body]);
};

const noRoom = () => undefined;

test('replies come out whole and in order, in whatever pieces they arrive', () => {
  const body = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(fc.array(body, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (bodies, pieceSize) => {
      const got: [number, Buffer][] = [];
      const take = replyFrames(noRoom, (correlationId, reply) => got.push([correlationId, reply]));
      const bytes = Buffer.concat(bodies.map((each, index) => frame(index, each)));
      const piece = Buffer.alloc(pieceSize);
      for (let at = 0; at < bytes.length; at += pieceSize) {
        // The same buffer for each piece, as a socket has it.
        const size = bytes.copy(piece, 0, at, at + pieceSize);
        take(piece.subarray(0, size));
      }
      expect(got).toEqual(bodies.map((each, index) => [index, Buffer.from(each)]));
    }),
  );
});

test('a reply goes into the room that was made for it', () => {
  const room = Buffer.alloc(100);
  const got: Buffer[] = [];
  const take = replyFrames(
    (correlationId) => (correlationId === 1 ? room : undefined),
    (_, body) => got.push(body),
  );
  take(Buffer.concat([frame(1, Buffer.from('into the room')), frame(2, Buffer.from('elsewhere'))]));
  expect(got.map(String)).toEqual(['into the room', 'elsewhere']);
  expect(got.map(({ buffer }) => buffer === room.buffer)).toEqual([true, false]);
  expect(room.subarray(0, 13).toString()).toBe('into the room');
});

test('a size that no reply has is an error, not a buffer of gigabytes', () => {
  const take = replyFrames(noRoom, () => {});
  expect(() => take(Buffer.from('HTTP/1.1 400 Bad Request'))).toThrow(RangeError);
});
