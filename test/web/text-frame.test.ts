import { describe, expect, test } from 'vitest';
import { textFrame } from '../../src/web/text-frame.ts';

describe('a text frame', () => {
  test.each([
    { length: 0, header: [0x81, 0] },
    { length: 125, header: [0x81, 125] },
    { length: 126, header: [0x81, 126, 0, 126] },
    { length: 65_535, header: [0x81, 126, 0xff, 0xff] },
    { length: 65_536, header: [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0] },
  ])('of $length bytes says its length in the shortest way', ({ length, header }) => {
    const text = 'a'.repeat(length);
    expect(textFrame(text)).toEqual(Buffer.concat([Buffer.from(header), Buffer.from(text)]));
  });

  test('is as long as its bytes, not its characters', () => {
    expect(textFrame('窗口')).toEqual(Buffer.concat([Buffer.from([0x81, 6]), Buffer.from('窗口')]));
  });
});
