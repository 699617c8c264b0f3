/** Where the reply to a request is to be put; undefined for a buffer of its own. */
export type Room = (correlationId: number, size: number) => Buffer | undefined;

/** Takes what a socket has read, which may be overwritten afterwards. */
export type TakeChunk = (chunk: Buffer) => void;

// Size and correlation id.
const headSize = 8;
// More than any broker sends: what claims it is no Kafka.
const mostBytes = 2 ** 30;

/**
 * Puts replies together from the pieces in which they arrive, each piece copied once to where it belongs. kafkajs joins
 * pieces into new buffers as it goes, which a reader of a megabyte at a time pays for with several of them as garbage.
 * @param onReply is given the body of a reply.
 * @throws RangeError when what arrives cannot be replies.
 */
export function replyFrames(room: Room, onReply: (correlationId: number, body: Buffer) => void): TakeChunk {
  const head = Buffer.alloc(headSize);
  let headFilled = 0;
  let body: Buffer | undefined;
  let filled = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (headFilled < headSize) {
        const taken = chunk.copy(head, headFilled, at);
        headFilled += taken;
        at += taken;
        if (headFilled < headSize) return;
      }
      const correlationId = head.readInt32BE(4);
      if (!body) {
        const size = head.readInt32BE(0) - 4;
        if (size < 0 || size > mostBytes) throw new RangeError(`a reply of ${size} bytes`);
        body = room(correlationId, size)?.subarray(0, size) ?? Buffer.allocUnsafe(size);
        filled = 0;
      }
      const taken = chunk.copy(body, filled, at);
      filled += taken;
      at += taken;
      if (filled < body.length) return;
      const whole = body;
      body = undefined;
      headFilled = 0;
      onReply(correlationId, whole);
    }
  };
}
