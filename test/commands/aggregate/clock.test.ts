import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { AggregateOptions } from '../../../src/commands/aggregate/stage.ts';
import { runTerm } from '../../../src/commands/aggregate/term.ts';
import type { GroupTerm } from '../../../src/kafka/group-membership.ts';
import { topicSink } from '../../../src/kafka/topic-sink.ts';
import { topicSource } from '../../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../../src/kafka/topics.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { startTestBroker } from '../../_support/broker.ts';
import { readUntil } from '../../kafka/_clusters.ts';

test('what came in while a commit took long is in its window when the clock closes it', async () => {
  const broker = await startTestBroker();
  onTestFinished(() => broker.stop());
  const connection = { brokers: [broker.address], logger: pino({ level: 'silent' }), clientId: 'test' };
  const pipelines = builtInPipelines.filter(({ name }) => name === 'gender' || name === 'category');
  await ensureTopics(
    connection,
    pipelines.flatMap(({ topic, resultTopic }) => [topic, resultTopic]),
  );
  const sink = await topicSink({ connection });
  onTestFinished(() => sink.close());

  const stop = new AbortController();
  const readAll = Promise.withResolvers<void>();
  const committing = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const term: GroupTerm = {
    signal: new AbortController().signal,
    async seat() {
      committing.resolve();
      await goOn.promise;
      return { groupId: 'clock', generation: -1, memberId: '' };
    },
    commit: async () => undefined,
    committed: async () => new Map(),
  };
  const options: AggregateOptions = {
    ...{ connection, pipelines, groupId: 'clock', from: 'earliest', outOfOrderness: 50, allowedLateness: 60_000 },
    ...{ resultFormat: 'list', untilEnd: false, clock: systemClock, logger: connection.logger },
    onProgress: ({ pipelines: counted }) => {
      if ([...counted.values()].every(({ caughtUp }) => caughtUp)) readAll.resolve();
    },
  };
  const running = runTerm(options, term, { active: false, windows: 0, pipelines: new Map() }, stop.signal);
  await readAll.promise;

  // A window of the one pipeline is long over: it comes out at once, and its commit does not end.
  await sink.send('sex', [{ value: '0', timestamp: Date.now() - 10_000 }]);
  await committing.promise;
  const start = Math.floor(Date.now() / 1_000) * 1_000;
  for (let record = 0; record < 5; record++) {
    await sink.send('category', [{ value: String(record), timestamp: start + 500 }]);
  }
  await systemClock.sleepUntil(start + 1_500);
  goOn.resolve();

  const results = topicSource({ connection, topics: ['category_results'], from: 'earliest', signal: stop.signal });
  const { records } = await readUntil(results, (_, all) => all.some(({ value }) => String(value).includes('"4":1')));
  expect(records.map(({ headers, value }) => `revision ${headers.revision}: ${value}`)).toEqual([
    'revision 0: [{"0":1},{"1":1},{"2":1},{"3":1},{"4":1}]',
  ]);
  stop.abort();
  await running;
});
