const finalText = 0x81;
const sixteenBits = 126;
const sixtyFourBits = 127;

/**
 * A text message as the bytes that go to every page (RFC 6455 §5.2). A server masks nothing, so that they are the same for
 * all, and are made once.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < sixteenBits ? 2 : length < 65_536 ? 4 : 10;
  // Not of the pool: a frame is kept for long, and would keep eight kilobytes of others' bytes with it.
  const frame = Buffer.allocUnsafeSlow(header + length);
  frame[0] = finalText;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = sixteenBits;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = sixtyFourBits;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
}

/** Asks whether anybody is there; the browser answers by itself (§5.5.2). */
export const pingFrame = Buffer.from([0x89, 0]);
