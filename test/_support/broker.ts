import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Broker, type BrokerOptions, startBroker } from '../../src/broker/broker.ts';

/** An embedded broker of a test's own. */
export interface TestBroker extends Broker {
  readonly dataDir: string;
  /** What it has logged, one JSON object a line, parsed. */
  readonly lines: readonly { level: number; msg: string }[];
  /** Stops it and removes its data, unless the directory was given. */
  stop(): Promise<void>;
}

/** Starts an embedded broker on a free port and a directory of its own. */
export async function startTestBroker(options: Partial<BrokerOptions> = {}): Promise<TestBroker> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'dashctl-broker-')));
  const lines: { level: number; msg: string }[] = [];
  const logger = pino({ level: 'debug', base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const broker = await startBroker({ port: 0, logger, ...options, dataDir });
  return {
    ...broker,
    dataDir,
    lines,
    async stop() {
      await broker.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
