import { pino } from 'pino';
import { startBroker } from '../../src/broker/broker.ts';

// A broker in a process of its own, to be killed: its port goes to stdout.
const broker = await startBroker({ dataDir: process.argv[2] ?? '', port: 0, logger: pino({ level: 'silent' }) });
process.stdout.write(String(broker.port));
