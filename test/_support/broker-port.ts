import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Ports that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

// ApiVersions v0, correlation id 1, no client id: a broker that answers it serves.
const apiVersionsRequest = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

/**
 * Waits until a broker answers a client's first request; rejects when its process ends without.
 * A JVM tells nobody that it listens, so it is asked every `pause` ms.
 */
export async function untilAnswers(port: number | undefined, server: ChildProcess, pause = 50): Promise<void> {
  const name = server.spawnargs.slice(0, 3).join(' ');
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await delay(pause)) {
    if (server.exitCode !== null) throw new Error(`${name} ended with status ${server.exitCode} while starting`);
    if (await answers(port ?? 0)) return;
  }
  throw new Error(`${name} did not answer within 90 s`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(apiVersionsRequest));
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('end', () => finish(false));
  });
}
