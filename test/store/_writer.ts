// Puts one window after the other into a store, each with where its topic has been read to, until it is killed. Goes on
// where the store says. Prints a line for each: node _writer.ts LOCATION NAME
import { createLogger } from '../../src/runtime/logger.ts';
import { openStore } from '../../src/store/open-store.ts';
import { windowsOfPut } from './_writing.ts';

const [location = '', name = ''] = process.argv.slice(2);
try {
  const store = await openStore(location, { logger: createLogger({ level: 'silent', format: 'json', color: false }) });
  for (let next = (await store.positions()).get(`${name}/0`) ?? 0; ; next += 1) {
    await store.put(windowsOfPut(name, next), new Map([[`${name}/0`, next + 1]]));
    process.stdout.write(`${next}\n`);
  }
} catch (error) {
  const { code, message } = error as { code?: string; message?: string };
  process.stderr.write(`${code}: ${message}\n`);
  process.exitCode = 1;
}
