import { pino } from 'pino';
import { type AggregateOptions, runAggregate } from '../../src/commands/aggregate-stage.ts';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import { systemClock } from '../../src/runtime/clock.ts';

// An aggregator in a process of its own, with what no flag says: when open windows are kept in a changelog.

/** What it is started with, as JSON. */
export type Counter = Pick<AggregateOptions, 'groupId' | 'shape' | 'changelog' | 'allowedLateness'> & {
  brokers: string[];
  resultTopic: string;
};

const { brokers, resultTopic, ...counter }: Counter = JSON.parse(process.argv[2] ?? '{}');
const logger = pino(
  { level: 'info' },
  { write: (line: string) => void process.stderr.write(`${JSON.parse(line).msg}\n`) },
);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
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
