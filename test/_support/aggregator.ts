import { pino } from 'pino';
import { runAggregate } from '../../src/commands/aggregate/stage.ts';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Counter } from './aggregator-script.ts';

// An aggregator in a process of its own, with what no flag says: when open windows are kept in a changelog.

const { brokers, resultTopic, ...counter }: Counter = JSON.parse(process.argv[2] ?? '{}');
const logger = pino(
  { level: 'info' },
  { write: (line: string) => void process.stderr.write(`${JSON.parse(line).msg}\n`) },
);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
await runAggregate(
  {
    ...counter,
    connection: { brokers, logger, clientId: 'test' },
    pipelines: builtInPipelines.filter(({ name }) => name === 'gender').map((gender) => ({ ...gender, resultTopic })),
    from: 'earliest',
    outOfOrderness: 50,
    resultFormat: 'list',
    untilEnd: false,
    clock: systemClock,
    logger,
  },
  stop.signal,
);
