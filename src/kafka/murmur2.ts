/**
 * The partition that Kafka's Java clients give a key: murmur2 (seed 0x9747b28c), sign bit cleared, modulo the number
 * of partitions. Other clients' records of the same key lie in the same partition.
 */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** 32-bit murmur2 as in org.apache.kafka.common.utils.Utils, as a signed number. */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = bytes.length;
  const at = (index: number) => bytes[index] as number;
  let hash = 0x9747b28c ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    hash = Math.imul(hash, m) ^ Math.imul(k, m);
  }
  const rest = length - whole;
  if (rest > 0) {
    if (rest === 3) hash ^= at(whole + 2) << 16;
    if (rest >= 2) hash ^= at(whole + 1) << 8;
    hash = Math.imul(hash ^ at(whole), m);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, m);
  return hash ^ (hash >>> 15);
}
