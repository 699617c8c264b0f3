import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Broker, type BrokerOptions, startBroker } from '../../broker/broker.ts';
import { readAsset } from '../../runtime/assets.ts';
import { DashctlError, messageOf } from '../../runtime/errors.ts';

export interface EmbeddedBrokerOptions extends Pick<BrokerOptions, 'logger'> {
  /** The data directory of the reader; the broker has a folder of its own in it. */
  dataDir: string;
  port: number;
  /** Deletes what the broker holds first. */
  fresh: boolean;
}

/**
 * Starts the broker of this process, on another port when the wanted one is taken: its address is known to all stages.
 * @throws DashctlError `DATA_DIR_IN_USE` and others of the broker.
 */
export async function embeddedBroker({ dataDir, port, fresh, logger }: EmbeddedBrokerOptions): Promise<Broker> {
  const folder = join(dataDir, 'broker');
  const start = (on: number) => startBroker({ dataDir: folder, host: '127.0.0.1', port: on, logger });
  if (fresh) {
    // Only whoever holds the lock may delete: starting it first proves that nobody else uses the directory.
    await (await start(0)).close();
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    return await start(port);
  } catch (error) {
    if (!(error instanceof DashctlError) || error.code !== 'PORT_TAKEN') throw error;
    logger.info(`port ${port} is taken, the broker takes another`);
    return start(0);
  }
}

/**
 * Puts the bundled sample where the stages can read it like any other file.
 * @throws DashctlError `DATA_DIR_INVALID` when the directory cannot be written.
 */
export function sampleFile(dataDir: string): string {
  const file = join(dataDir, 'user_log.csv');
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, readAsset('data/user_log.csv'));
  } catch (error) {
    throw new DashctlError('DATA_DIR_INVALID', `cannot write to ${dataDir}: ${messageOf(error)}`, {
      hint: 'name another folder with --data-dir',
      cause: error,
    });
  }
  return file;
}
