import { statfs } from 'node:fs/promises';
import {
  array,
  boolean,
  defaulting,
  int16,
  int32,
  int64,
  nullable,
  since,
  string,
  struct,
} from '../protocol/schema.ts';
import { api } from './api.ts';

// DescribeLogDirs v1–4. v2 is flexible, v3 adds an error for all, v4 the size of the volume (KIP-827).
export const describeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  versions: [1, 4],
  flexibleFrom: 2,
  request: struct({ topics: nullable(array(struct({ topic: string, partitions: array(int32) }))) }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    errorCode: since(3, int16, 0),
    results: array(
      struct({
        errorCode: int16,
        logDir: string,
        topics: array(
          struct({
            name: string,
            partitions: array(
              struct({ partitionIndex: int32, partitionSize: int64, offsetLag: int64, isFutureKey: boolean }),
            ),
          }),
        ),
        totalBytes: since(4, int64, -1),
        usableBytes: since(4, int64, -1),
      }),
    ),
  }),
  async handle({ topics, dataDir }, request, { version }) {
    const wanted = request.topics && new Map(request.topics.map(({ topic, partitions }) => [topic, partitions]));
    const held = wanted ? topics.all.filter(({ name }) => wanted.has(name)) : topics.all;
    return {
      results: [
        {
          errorCode: 0,
          logDir: dataDir,
          // What is asked for but not here is left out, as Apache Kafka does: it may be on another broker.
          topics: held.map(({ name, partitions }) => ({
            name,
            partitions: partitions
              .map((log, partitionIndex) => ({
                partitionIndex,
                partitionSize: log.sizeBytes,
                offsetLag: 0,
                isFutureKey: false,
              }))
              .filter(({ partitionIndex }) => wanted?.get(name)?.includes(partitionIndex) ?? true),
          })),
          ...(version >= 4 ? await volumeOf(dataDir) : {}),
        },
      ],
    };
  },
});

/** Sizes in bytes, -1 where the system does not tell. */
async function volumeOf(directory: string): Promise<{ totalBytes: number; usableBytes: number }> {
  try {
    const { bsize, blocks, bavail } = await statfs(directory);
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
  } catch {
    return { totalBytes: -1, usableBytes: -1 };
  }
}
