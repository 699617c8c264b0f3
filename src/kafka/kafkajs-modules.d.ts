// Types of the few internals of kafkajs 2.2.4 that this folder stands on. kafkajs will not be released again, so they
// stay as they are. What is used: sockets, framing, TLS, SASL, version negotiation and the codecs of small requests.

declare module 'kafkajs/src/broker/index.js' {
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js';

  class Broker {
    constructor(options: {
      connectionPool: ConnectionPool;
      logger: import('kafkajs/src/network/connectionPool.js').InternalLogger;
      versions: null;
      authenticationTimeout: number;
      allowAutoTopicCreation: boolean;
    });
    versions: import('kafkajs/src/protocol/requests/index.js').ApiVersions;
    connect(): Promise<void>;
  }
  export = Broker;
}

declare module 'kafkajs/src/network/connectionPool.js' {
  import type { Socket } from 'node:net';

  namespace ConnectionPool {
    type LogFunction = (message: string, extra?: Record<string, unknown>) => void;

    interface InternalLogger {
      namespace(name: string): InternalLogger;
      debug: LogFunction;
      info: LogFunction;
      warn: LogFunction;
      error: LogFunction;
    }

    interface SocketOptions {
      host: string;
      port: number;
      ssl: object | null;
      onConnect: () => void;
    }

    interface Options {
      host: string;
      port: number;
      ssl: object | null;
      sasl: { mechanism: string; username: string; password: string } | null;
      clientId: string;
      socketFactory: (options: SocketOptions) => Socket;
      connectionTimeout: number;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      maxInFlightRequests: number | null;
      reauthenticationThreshold: number;
      logger: InternalLogger;
    }

    interface RequestDescription {
      apiKey: number;
      apiVersion: number;
      apiName: string;
      encode(): Promise<unknown>;
    }

    interface PushedRequest {
      entry: {
        apiKey: number;
        apiVersion: number;
        apiName: string;
        correlationId: number;
        resolve: (answer: { payload: Buffer; size: number }) => void;
        reject: (error: unknown) => void;
      };
      expectResponse: boolean;
      requestTimeout: number;
      sendRequest: () => void;
    }

    interface Connection {
      socket?: Socket;
      requestQueue: {
        push(request: PushedRequest): void;
        maybeThrottle(throttle: number): void;
        destroy(): void;
        fulfillRequest(reply: { correlationId: number; payload: Buffer; size: number }): void;
      };
      /** Takes what the socket has read. */
      processData(chunk: Buffer): void;
      isConnected(): boolean;
      isAuthenticated(): boolean;
      nextCorrelationId(): number;
      rejectRequests(error: Error): void;
      send<T>(protocol: {
        request: RequestDescription;
        response: { decode(payload: Buffer): Promise<T>; parse(reply: T): T };
        requestTimeout?: number | null;
        logResponseError: boolean;
      }): Promise<T>;
    }
  }

  class ConnectionPool {
    constructor(options: ConnectionPool.Options);
    /** Two: kafkajs sends Fetch requests on the second, this folder uses the first alone. */
    pool: readonly [ConnectionPool.Connection, ConnectionPool.Connection];
  }
  export = ConnectionPool;
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  class RequestQueue {
    constructor(options: {
      maxInFlightRequests: number | null;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      clientId: string;
      broker: string;
      logger: import('kafkajs/src/network/connectionPool.js').InternalLogger;
    });
    pending: readonly unknown[];
    inflight: ReadonlyMap<number, { sentAt: number; requestTimeout: number; timeoutRequest(): void }>;
    enforceRequestTimeout: boolean;
    requestTimeout: number;
    requestTimeoutIntervalId?: NodeJS.Timeout;
    isConnected(): boolean;
    destroy(): void;
    scheduleRequestTimeoutCheck(): void;
    scheduleCheckPendingRequests(): void;
    push(request: import('kafkajs/src/network/connectionPool.js').PushedRequest): void;
    fulfillRequest(reply: { correlationId: number; payload: Buffer; size: number }): void;
  }
  export = RequestQueue;
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  import type { RequestDescription } from 'kafkajs/src/network/connectionPool.js';

  interface Definition {
    versions: readonly string[];
  }
  type ApiVersions = Record<number, { minVersion: number; maxVersion: number } | undefined>;
  type Protocol = (args: object) => {
    request: RequestDescription;
    response: { decode(payload: Buffer): Promise<unknown> };
    requestTimeout?: number;
  };
  export const requests: Record<string, Definition | undefined>;
  /** @throws KafkaJSServerDoesNotSupportApiKey */
  export const lookup: (versions: ApiVersions) => (apiKey: number, definition: Definition) => Protocol;
  export type { ApiVersions };
}

declare module 'kafkajs/src/protocol/requests/apiKeys.js' {
  const apiKeys: Record<string, number | undefined>;
  export = apiKeys;
}

declare module 'kafkajs/src/protocol/error.js' {
  /** An Error whose `message` is Kafka's own sentence for the code. */
  export const createErrorFromCode: (code: number) => Error & { type: string; code: number; retriable: boolean };
}

declare module 'kafkajs/src/consumer/assignerProtocol.js' {
  export const MemberMetadata: {
    encode(metadata: { version: number; topics: readonly string[]; userData: Buffer }): Buffer;
    decode(bytes: Buffer): { topics: string[]; userData: Buffer | null };
  };
  export const MemberAssignment: {
    encode(assignment: { version: number; assignment: Record<string, readonly number[]>; userData: Buffer }): Buffer;
    decode(bytes: Buffer): { assignment: Record<string, number[]>; userData: Buffer | null } | null;
  };
}
