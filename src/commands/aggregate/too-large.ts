import type { KafkaConnection } from '../../kafka/connection.ts';
import { mostMessageBytes } from '../../kafka/describe-topics.ts';
import { isTooLarge } from '../../kafka/errors.ts';
import type { ResultRecord } from '../../records/window-count.ts';
import { DashctlError } from '../../runtime/errors.ts';
import { grouped } from '../shared/progress-line.ts';

/** Below it a batch of several records could be refused, too. */
const usualBytes = 1_048_588;

/**
 * What to tell of a commit that failed: where a topic takes no record of a window's size, which window it is, and what
 * to do. Topics that dashctl makes take sixteen times the usual; those that were there before, or are made by others,
 * may not.
 */
export async function explainTooLarge(
  error: unknown,
  connection: KafkaConnection,
  results: ReadonlyMap<string, readonly ResultRecord[]>,
): Promise<unknown> {
  if (!isTooLarge(error)) return error;
  for (const [topic, records] of results) {
    const limit = await mostMessageBytes(connection, topic).catch(() => Number.NaN);
    const largest = records.reduce<ResultRecord | undefined>(
      (most, record) => (most && most.value.length >= record.value.length ? most : record),
      undefined,
    );
    const sizeBytes = Buffer.byteLength(largest?.value ?? '');
    if (!largest || !(sizeBytes > limit || limit < usualBytes)) continue;
    return new DashctlError('BROKER_REFUSED', `${windowText(largest, sizeBytes)}; ${topic} takes ${grouped(limit)}`, {
      hint: `${remedy(connection, topic, roomFor(sizeBytes))}, then start again: it goes on from the commit before`,
      cause: error,
    });
  }
  return error;
}

function windowText({ headers }: ResultRecord, sizeBytes: number): string {
  const [start, end] = ['window-start', 'window-end'].map((name) => new Date(Number(headers[name])).toISOString());
  return `the counts of ${headers.pipeline} from ${start} to ${end} are ${grouped(sizeBytes)} bytes`;
}

/** The next power of two that leaves the window room to grow. */
const roomFor = (sizeBytes: number) => 2 ** Math.ceil(Math.log2(Math.max(sizeBytes * 2, usualBytes)));

const remedy = ({ brokers }: KafkaConnection, topic: string, bytes: number) =>
  `kafka-configs --bootstrap-server ${brokers[0]} --alter --entity-type topics --entity-name ${topic} ` +
  `--add-config max.message.bytes=${bytes}`;
