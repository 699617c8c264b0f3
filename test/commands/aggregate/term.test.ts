import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { AggregateOptions } from '../../../src/commands/aggregate/stage.ts';
import { runTerm } from '../../../src/commands/aggregate/term.ts';
import type { GroupTerm } from '../../../src/kafka/group-membership.ts';
import { ensureTopics } from '../../../src/kafka/topics.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { startTestBroker } from '../../_support/broker.ts';
import { folderOfSuite } from '../../_support/temporary-folder.ts';

const dataDir = folderOfSuite();

test('a broker that goes away while a term begins is waited for', { timeout: 60_000 }, async () => {
  let broker = await startTestBroker({ dataDir });
  onTestFinished(() => broker.stop());
  const { port } = broker;
  const lines: string[] = [];
  const connection = { brokers: [`127.0.0.1:${port}`], logger: pino({ level: 'silent' }), clientId: 'test' };
  const pipelines = builtInPipelines.slice(0, 1);
  await ensureTopics(
    connection,
    pipelines.flatMap(({ topic, resultTopic }) => [topic, resultTopic]),
  );

  let begun = 0;
  const ended = new AbortController();
  const term: GroupTerm = {
    signal: new AbortController().signal,
    seat: async () => ({ groupId: 'term', generation: -1, memberId: '' }),
    commit: async () => undefined,
    async committed() {
      begun++;
      if (begun === 1) await broker.stop();
      // As soon as that was noticed, the broker is back.
      else ended.abort();
      return new Map();
    },
  };
  const warned = Promise.withResolvers<void>();
  const options: AggregateOptions = {
    ...{ connection, pipelines, groupId: 'term', from: 'earliest', outOfOrderness: 50, allowedLateness: 0 },
    ...{ resultFormat: 'list', untilEnd: false, clock: systemClock },
    logger: pino({ level: 'warn' }, { write: (line: string) => warned.resolve(void lines.push(line)) }),
  };
  const running = runTerm(options, term, { active: false, windows: 0, pipelines: new Map() }, ended.signal);
  await Promise.race([warned.promise, running]);
  broker = await startTestBroker({ dataDir, port });
  await running;
  expect(begun).toBe(2);
  expect(lines.filter((line) => line.includes('counting goes on from what is committed'))).toHaveLength(1);
});
