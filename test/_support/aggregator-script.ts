import { join } from 'node:path';
import type { AggregateOptions } from '../../src/commands/aggregate/stage.ts';

/** An aggregator of genders in a process of its own: run by Node, given a `Counter` as JSON. */
export const aggregatorScript = join(import.meta.dirname, 'aggregator.ts');

/** What it is started with: also what no flag says, when open windows are kept in a changelog. */
export type Counter = Pick<AggregateOptions, 'groupId' | 'shape' | 'changelog' | 'allowedLateness'> & {
  brokers: string[];
  resultTopic: string;
};
