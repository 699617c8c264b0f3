import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorCodes } from '../../src/kafka/apis.ts';
import { connectClient } from '../../src/kafka/client.ts';
import { type GroupMembership, groupMembership } from '../../src/kafka/group-membership.ts';
import { fetchOffsets } from '../../src/kafka/group-offsets.ts';
import type { GroupSeat, GroupTerm } from '../../src/kafka/group-term.ts';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { transactionSession } from '../../src/kafka/transaction-session.ts';
import {
  type TransactionalSink,
  type TransactionalSinkOptions,
  transactionalSink,
} from '../../src/kafka/transactional-sink.ts';
import { DashctlError } from '../../src/runtime/errors.ts';
import { type Cluster, clusters, freshTopic, readUntil, testConnection, valuesOf } from './_clusters.ts';

describe.each(clusters)('a transactional sink on $name', ({ name, available, start }) => {
  describe.skipIf(!available)('', () => {
    let cluster: Cluster;
    let use: ReturnType<typeof testConnection>;
    let stop: AbortController;
    /** Result topic, source topic, and the names that go with them. */
    let results: string;
    let source: string;
    let groupId: string;
    const closing: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      cluster = await start();
    });
    afterAll(() => cluster?.stop());
    beforeEach(async () => {
      use = testConnection(cluster.address);
      stop = new AbortController();
      [results, source] = [freshTopic('results'), freshTopic('source')];
      groupId = `group-${results}`;
      await ensureTopics(use.connection, [results], { partitions: 2 });
      await ensureTopics(use.connection, [source]);
    });
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
      stop.abort();
    });

    const open = async (options: Partial<TransactionalSinkOptions> = {}): Promise<TransactionalSink> => {
      const { connection } = use;
      const sink = await transactionalSink({ connection, transactionalId: groupId, timeout: 60_000, ...options });
      closing.push(() => sink.close());
      return sink;
    };
    const join = async (): Promise<{ membership: GroupMembership; term: GroupTerm }> => {
      const { connection } = use;
      const membership = await groupMembership({ connection, groupId, topics: [source], signal: stop.signal });
      closing.push(() => membership.leave());
      const { value } = await membership[Symbol.asyncIterator]().next();
      if (!value) throw new Error('no term');
      return { membership, term: value };
    };
    const records = (...values: string[]) => [
      { topic: results, records: values.map((value) => ({ value, key: value, timestamp: 1 })) },
    ];
    const at = (offset: number, metadata = '') => [{ topic: source, partition: 0, offset, metadata }];
    /** All that can be read of the results, once nothing is undecided. */
    const visible = async (readCommitted = true) => {
      const read = { connection: use.connection, topics: [results], from: 'earliest', readCommitted } as const;
      const ended = new Set<number>();
      const { records: found } = await readUntil(topicSource({ ...read, signal: stop.signal }), (batch) => {
        if (batch.nextOffset >= batch.highWatermark) ended.add(batch.partition);
        else ended.delete(batch.partition);
        return ended.size === 2;
      });
      return valuesOf(found).sort();
    };
    const committed = async (term: GroupTerm) => (await term.committed()).get(`${source}/0`);
    /**
     * A term with something happening in the middle of a transaction: the seat that it names first is refused, by when
     * the records are written, and the right one comes after the event.
     */
    const midway = async (term: GroupTerm, happens: () => Promise<unknown>) => {
      const seat = await term.seat();
      return {
        async seat(refused?: GroupSeat): Promise<GroupSeat> {
          if (!refused) return { ...seat, generation: seat.generation + 100 };
          await written(1);
          await happens();
          return seat;
        },
      };
    };
    /** Resolves when so many records are in the log, committed or not. */
    const written = (count: number) => {
      const read = { connection: use.connection, topics: [results], from: 'earliest', readCommitted: false } as const;
      return readUntil(topicSource({ ...read, signal: stop.signal }), (_, all) => all.length >= count);
    };
    const codeOf = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'committed',
        (error: unknown) => (error instanceof DashctlError ? error.code : error),
      );

    test('records of several partitions and offsets with metadata are committed together', async () => {
      const { term } = await join();
      const sink = await open();
      const metadata = '{"next":9}';
      await sink.commit({ batches: records('a', 'b', 'c', 'd'), progress: { term, offsets: at(7, metadata) } });
      expect(await committed(term)).toEqual({ offset: 7, metadata });
      expect(await visible()).toEqual(['a', 'b', 'c', 'd']);
    });

    test('records alone and offsets alone are committed, too, and nothing at all is no transaction', async () => {
      const { term } = await join();
      const sink = await open();
      await sink.commit({ batches: records('alone') });
      await sink.commit({ progress: { term, offsets: at(3) } });
      await sink.commit({ batches: records(), progress: { term, offsets: [] } });
      expect(await committed(term)).toEqual({ offset: 3, metadata: '' });
      expect(await visible()).toEqual(['alone']);
    });

    test('200 transactions one right after the other are all committed', async ({ annotate }) => {
      const { term } = await join();
      const sink = await open();
      const times: number[] = [];
      for (let count = 1; count <= 200; count++) {
        const begun = performance.now();
        await sink.commit({ batches: records(`${count}`), progress: { term, offsets: at(count) } });
        times.push(performance.now() - begun);
      }
      times.sort((a, b) => a - b);
      await annotate(`${name}: median ${times[100]?.toFixed(1)} ms, 19 of 20 within ${times[190]?.toFixed(1)} ms`);
      expect(await committed(term)).toMatchObject({ offset: 200 });
      expect(await visible()).toEqual(Array.from({ length: 200 }, (_, i) => `${i + 1}`).sort());
      expect(use.lines).toEqual([]);
    });

    test('overlapping commits are done one after another', async () => {
      const { term } = await join();
      const sink = await open();
      const commits = [1, 2, 3].map((count) =>
        sink.commit({ batches: records(`${count}`), progress: { term, offsets: at(count) } }),
      );
      await Promise.all(commits);
      expect(await committed(term)).toMatchObject({ offset: 3 });
      expect(await visible()).toEqual(['1', '2', '3']);
    });

    test('when a record is refused nothing of its transaction is visible, and the next one is committed', async () => {
      const { term } = await join();
      const sink = await open();
      const tooLarge = { value: 'x'.repeat(2_000_000), timestamp: 1 };
      const [small] = records('a', 'b', 'c', 'd');
      const batches = [{ topic: results, records: [...(small?.records ?? []), tooLarge] }];
      await expect(sink.commit({ batches, progress: { term, offsets: at(5) } })).rejects.toMatchObject({
        code: 'BROKER_REFUSED',
        hint: expect.stringContaining('max.message.bytes'),
      });
      await sink.commit({ batches: records('next') });
      expect(await visible()).toEqual(['next']);
      expect(await visible(false)).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd']));
      expect(await committed(term)).toBeUndefined();
    });

    test('an unknown topic is named, and the records for others are not written', async () => {
      const sink = await open();
      const batches = [...records('a'), { topic: `${results}x`, records: [{ value: 'b', timestamp: 1 }] }];
      await expect(sink.commit({ batches })).rejects.toMatchObject({
        code: 'TOPIC_UNKNOWN',
        hint: expect.stringContaining(`"${results}"`),
      });
      expect(await visible(false)).toEqual([]);
      await sink.commit({ batches: records('next') });
      expect(await visible()).toEqual(['next']);
    });

    test('a second sink of the same id shuts the first out', async () => {
      const first = await open();
      await first.commit({ batches: records('first') });
      const second = await open();
      expect(await codeOf(first.commit({ batches: records('too late') }))).toBe('TAKEN_OVER');
      expect(await codeOf(first.commit({ batches: records('still too late') }))).toBe('TAKEN_OVER');
      await second.commit({ batches: records('second') });
      expect(await visible()).toEqual(['first', 'second']);
    });

    test('a sink that is opened in the middle of a transaction of another aborts it', async () => {
      const { term } = await join();
      const first = await open();
      const second = Promise.withResolvers<TransactionalSink>();
      const interrupted = await midway(term, async () => second.resolve(await open()));
      const progress = { term: interrupted, offsets: at(1) };
      expect(await codeOf(first.commit({ batches: records('first'), progress }))).toBe('TAKEN_OVER');
      const sink = await second.promise;
      await sink.commit({ batches: records('second'), progress: { term, offsets: at(2) } });
      expect(await visible()).toEqual(['second']);
      expect(await visible(false)).toEqual(['first', 'second']);
      expect(await committed(term)).toMatchObject({ offset: 2 });
    });

    test('whoever was the active member before commits nothing', async () => {
      const former = await join();
      const seat = await former.term.seat();
      await former.membership.leave();
      const { term } = await join();
      const sink = await open();
      const zombie = { seat: (refused?: GroupSeat) => (refused ? former.term.seat(refused) : Promise.resolve(seat)) };
      const progress = { term: zombie, offsets: at(9) };
      expect(await codeOf(sink.commit({ batches: records('zombie'), progress }))).toBe('TAKEN_OVER');
      expect(await committed(term)).toBeUndefined();
      expect(await visible()).toEqual([]);
      expect(await visible(false)).toEqual(['zombie']);
    });

    test('a member that joins in the middle of a transaction does not hinder it', async () => {
      const { term } = await join();
      const sink = await open();
      const before = await term.seat();
      let asked = 0;
      const outdated = {
        seat: (refused?: GroupSeat) => (asked++ === 0 ? Promise.resolve(before) : term.seat(refused)),
      };
      const { connection } = use;
      const standby = await groupMembership({ connection, groupId, topics: [source], signal: stop.signal });
      closing.push(() => standby.leave());
      for (let now = before; now.generation === before.generation; ) now = await term.seat(now);
      await sink.commit({ batches: records('a'), progress: { term: outdated, offsets: at(4) } });
      expect(asked).toBeGreaterThan(1);
      expect(term.signal.aborted).toBe(false);
      expect(await committed(term)).toMatchObject({ offset: 4 });
      expect(await visible()).toEqual(['a']);
    });

    test('a transaction that took too long is aborted, and can be committed again', async () => {
      const { term } = await join();
      const sink = await open({ timeout: 1_000 });
      // What it has written is decided when Kafka has aborted it.
      const slow = await midway(term, visible);
      const transaction = { batches: records('slow'), progress: { term: slow, offsets: at(6) } };
      expect(await codeOf(sink.commit(transaction))).toBe('COMMIT_ABORTED');
      expect(await committed(term)).toBeUndefined();
      await sink.commit({ ...transaction, progress: { term, offsets: at(6) } });
      expect(await committed(term)).toMatchObject({ offset: 6 });
      expect(await visible()).toEqual(['slow']);
      expect(await visible(false)).toEqual(['slow', 'slow']);
    });

    test('offsets that an open transaction may yet move are not given as final', async () => {
      const { term } = await join();
      const client = await connectClient(use.connection);
      closing.push(async () => client.close());
      const session = transactionSession({ client, transactionalId: groupId, timeout: 60_000 });
      // Kafka wants a moment to make its topic of transactions.
      while ((await session.begin().catch(() => -1)) !== 0) session.forgetCoordinators();
      expect(await session.addGroup(groupId)).toBe(0);
      expect(await session.commitOffsets(await term.seat(), at(8))).toBe(0);
      const coordinator = await client.coordinator(groupId);
      const fetched = (requireStable: boolean) =>
        fetchOffsets(client, coordinator, groupId, [source], { requireStable });
      expect(await fetched(true)).toBe(errorCodes.unstableOffsetCommit);
      expect(await fetched(false)).toEqual(new Map());
      const waiting = term.committed();
      expect(await session.end(true)).toBe(0);
      expect((await waiting).get(`${source}/0`)).toEqual({ offset: 8, metadata: '' });
    });

    test('a closed sink takes nothing', async () => {
      const sink = await open();
      await sink.close();
      expect(await codeOf(sink.commit({ batches: records('a') }))).toBe('INTERRUPTED');
    });
  });
});
