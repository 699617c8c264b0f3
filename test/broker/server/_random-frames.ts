import fc from 'fast-check';
import type { Api } from '../../../src/broker/apis/api.ts';
import { apis } from '../../../src/broker/apis/router.ts';
import { makeBatch } from '../_batches.ts';
import { requestFrame } from '../_raw-client.ts';
import { valuesOf } from '../protocol/_schema-values.ts';

/** Numbers from 0 to below a limit, the same ones for the same seed (mulberry32). */
export type Random = (limit: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/**
 * Whole frames that follow the schema of every API in every version, filled with whatever fits: the broker must answer
 * each of them or refuse it, and whoever breaks one gets deep into a handler.
 */
export function frameCorpus(seed: number, perVersion: number): Buffer[] {
  return [...apis.values()].flatMap((api) => {
    const [first, last] = api.versions;
    const versions = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    return versions.flatMap((version) => [
      ...fc
        .sample(valuesOf(api.request.node, version), { numRuns: perVersion, seed: seed + api.key * 100 + version })
        .map((value) => requestFrame(api as Api, version, 1, aimed(value) as never)),
    ]);
  });
}

/** Names that exist here and there, so that requests get beyond "unknown topic"; records that are sound batches. */
function aimed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(aimed);
  if (Buffer.isBuffer(value) || value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if ((name === 'name' || name === 'topic') && typeof field === 'string' && field.length % 2 === 0) {
        return [name, 'fuzzed'];
      }
      if ((name === 'index' || name === 'partition' || name === 'partitionIndex') && Number(field) % 2 === 0)
        return [name, 0];
      if (name === 'records' && Buffer.isBuffer(field)) return [name, makeBatch(['x'])];
      return [name, aimed(field)];
    }),
  );
}

const extremes = [0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, -0x8000, 0x7fff_ffff, -0x8000_0000, 0x1000_0000];

/** The frame, broken somewhere behind its length, which is mended more often than not. */
export function mutate(frame: Buffer, random: Random): Buffer {
  let broken: Buffer = Buffer.from(frame);
  for (let left = 1 + random(4); left > 0; left--) {
    const at = Math.min(4 + random(Math.max(1, broken.length - 4)), broken.length - 1);
    switch (random(6)) {
      case 0:
        broken.writeUInt8(random(256), at);
        break;
      case 1:
        broken.writeUInt8((broken[at] ?? 0) ^ (1 << random(8)), at);
        break;
      case 2:
        if (at + 4 <= broken.length) broken.writeInt32BE(extremes[random(extremes.length)] ?? 0, at);
        break;
      case 3:
        broken = Buffer.from(broken.subarray(0, Math.max(12, at)));
        break;
      case 4:
        broken = Buffer.concat([broken.subarray(0, at), broken.subarray(Math.max(4, at - random(40)))]);
        break;
      default:
        broken = Buffer.concat([broken, noise(random, random(30))]);
    }
  }
  if (random(10) > 0) broken.writeInt32BE(broken.length - 4, 0);
  return broken;
}

export const noise = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => random(256)));
