/** Cuts what a broker sends into frames, without their lengths; some answers are shorter than any request. */
export function responseFrames(): (chunk: Buffer) => Buffer[] {
  let chunks: Buffer[] = [];
  let buffered = 0;
  let needed = 4;
  return (chunk) => {
    chunks.push(chunk);
    buffered += chunk.length;
    const frames: Buffer[] = [];
    while (buffered >= needed) {
      const bytes = Buffer.concat(chunks);
      const end = 4 + bytes.readInt32BE(0);
      if (buffered >= end) frames.push(bytes.subarray(4, end));
      const rest = buffered >= end ? bytes.subarray(end) : bytes;
      chunks = [rest];
      buffered = rest.length;
      needed = buffered >= 4 ? 4 + rest.readInt32BE(0) : 4;
    }
    return frames;
  };
}
