// npm run bench [-- name… --runs 3 --only "kafkajs, 100 B"]: ours and its peers in turn, in one run; figures on stdout and in results/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { aggregate } from './aggregate.ts';
import { broker } from './broker.ts';
import { brokerLog } from './broker-log.ts';
import { brokerThroughput } from './broker-throughput.ts';
import { delay } from './delay.ts';
import { drain } from './drain.ts';
import { describeMachine, measure, tableOf } from './harness.ts';
import { produce } from './produce.ts';
import { restart } from './restart.ts';
import { store } from './store.ts';
import { websocket } from './websocket.ts';

const benches = [produce, aggregate, drain, delay, restart, broker, brokerThroughput, brokerLog, store, websocket];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, only: { type: 'string' } },
});
const rounds = Number(values.runs);
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    `usage: npm run bench [-- ${benches.map(({ name }) => name).join(' ')} --runs 3 --only "part of a side's name"]`,
  );
  process.exit(2);
}

const machine = describeMachine();
for (const [key, value] of Object.entries(machine)) console.log(`${key.padEnd(9)}  ${value}`);

const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  console.log();
  const result = await measure(bench, rounds, (line) => console.error(line), values.only);
  console.log(tableOf(result, bench));
  const file = join(results, `${machine.date?.replaceAll(/[:.]/g, '-')}-${bench.name}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, ...result }, null, 2)}\n`);
}
