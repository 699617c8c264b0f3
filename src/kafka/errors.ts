import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import type { KafkaConnection } from './connection.ts';

/** Fields that kafkajs puts on its errors. */
interface KafkaJsError extends Error {
  code?: string | number;
  type?: string;
  broker?: string;
  cause?: unknown;
}

/** Whether a broker refused records because a topic takes no batch of their size. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof DashctlError &&
  error.cause instanceof Error &&
  (error.cause as KafkaJsError).type === 'MESSAGE_TOO_LARGE';

const loopback = /^(localhost|127\.|\[?::1)/;

/** The error for a broker that cannot be reached at all. */
function brokerUnreachable({ brokers }: Pick<KafkaConnection, 'brokers'>, cause?: unknown): DashctlError {
  const local = brokers.every((broker) => loopback.test(broker));
  return new DashctlError('BROKER_UNREACHABLE', `no Kafka broker at ${brokers.join(', ')}`, {
    hint: local ? 'start one with: dashctl broker' : 'check --brokers, or start one here with: dashctl broker',
    cause,
  });
}

/** A sentence of Kafka's own for an error code, as a `BROKER_REFUSED` error. */
export function refusal(what: string, errorCode: number): DashctlError {
  const error = createErrorFromCode(errorCode);
  return new DashctlError('BROKER_REFUSED', `${what}: ${error.message} (${error.type})`, {
    hint: hintOf(error.type),
    cause: error,
  });
}

function hintOf(type: string): string {
  if (type === 'ILLEGAL_SASL_STATE') return 'this port wants no login: leave out --sasl';
  if (type.includes('AUTHORIZATION')) return 'the user of --sasl lacks this right on the broker';
  if (type === 'RECORD_TOO_LARGE' || type === 'MESSAGE_TOO_LARGE') return "raise the topic's max.message.bytes";
  return "the broker's own log says more";
}

// What Node's TLS says when the other side does not speak it, or its certificate is not trusted.
const tlsFailure = /certificate|self.signed|ssl|tls|EPROTO|ERR_TLS|ERR_SSL|wrong version number|altname/i;

/** Whether the broker does not know a request at all. */
export const isUnsupported = (error: unknown): boolean =>
  error instanceof Error && error.name === 'KafkaJSServerDoesNotSupportApiKey';

/** The same, of an error that was translated. */
export const lacksRequest = (error: unknown): boolean => error instanceof DashctlError && isUnsupported(error.cause);

/** Whether the connection was made but the broker's identity or ours was refused: trying again cannot help. */
export function isLasting(error: unknown): boolean {
  if (error instanceof DashctlError) return error.code !== 'BROKER_UNREACHABLE';
  if (!(error instanceof Error)) return true;
  if (error.name === 'KafkaJSSASLAuthenticationError' || isUnsupported(error)) return true;
  if (error.name === 'KafkaJSProtocolError') return true;
  if (!error.name.startsWith('KafkaJS')) return true;
  return tlsFailure.test(`${error.message} ${(error as KafkaJsError).code}`);
}

/**
 * What a reader is told for an error of kafkajs: the one place where they are translated. An error that is not
 * kafkajs's is a fault of this program and comes back as it is.
 */
export function toDashctlError(thrown: unknown, connection: KafkaConnection): Error {
  if (thrown instanceof DashctlError) return thrown;
  if (!(thrown instanceof Error)) return new Error(messageOf(thrown));
  const error: KafkaJsError = thrown;
  const broker = error.broker ?? connection.brokers.join(', ');
  switch (error.name) {
    case 'KafkaJSSASLAuthenticationError':
      return new DashctlError('BROKER_REFUSED', `${broker} refused the login: ${firstLine(error.message)}`, {
        hint: 'check --sasl, DASHCTL_SASL_USERNAME and DASHCTL_SASL_PASSWORD',
        cause: error,
      });
    case 'KafkaJSConnectionClosedError':
      return new DashctlError('BROKER_REFUSED', `${broker} closed the connection instead of answering`, {
        hint: connection.sasl ? 'check --ssl and --sasl' : 'does it want TLS (--ssl) or a login (--sasl)?',
        cause: error,
      });
    case 'KafkaJSConnectionError':
    case 'KafkaJSRequestTimeoutError':
    case 'KafkaJSTimeout':
    case 'KafkaJSLockTimeout':
      if (tlsFailure.test(`${error.message} ${error.code}`)) {
        return new DashctlError('BROKER_REFUSED', `TLS with ${broker} failed: ${firstLine(error.message)}`, {
          hint: connection.ssl
            ? 'check --ssl-ca, --ssl-cert and --ssl-key, and that this port speaks TLS'
            : 'try --ssl',
          cause: error,
        });
      }
      return brokerUnreachable(connection, error);
    case 'KafkaJSServerDoesNotSupportApiKey':
      return new DashctlError('BROKER_REFUSED', `${broker} does not know a request that this needs`, {
        hint: 'Kafka 2.7 or later does',
        cause: error,
      });
    default:
      if (!error.name.startsWith('KafkaJS')) return error;
      return new DashctlError('BROKER_REFUSED', `${broker}: ${firstLine(error.message)}`, {
        hint: hintOf(error.type ?? ''),
        cause: error,
      });
  }
}

const firstLine = (message: string) => message.replace(/^Connection error: /, '').split('\n')[0] ?? '';
