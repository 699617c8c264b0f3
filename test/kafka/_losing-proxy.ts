import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between clients and a broker that advertises its port, and can lose an answer. */
export interface LosingProxy {
  port: number;
  /** Where the broker listens. */
  leadTo(port: number): void;
  /**
   * Lets the next request of this kind through to the broker, but closes the connection instead of passing its answer
   * on; resolves with that. Before it closes the connection, it waits for what is done meanwhile.
   */
  loseAnswer(apiKey: number, meanwhile?: () => Promise<unknown>): Promise<void>;
  close(): void;
}

export async function losingProxy(): Promise<LosingProxy> {
  let target = 0;
  let plan: { apiKey: number; meanwhile: () => Promise<unknown>; lost: () => void } | undefined;
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1');
    let losing: typeof plan;
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    let rest = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      broker.write(chunk);
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 6 && rest.length >= 4 + rest.readInt32BE(0)) {
        if (plan?.apiKey === rest.readInt16BE(4)) {
          losing = plan;
          plan = undefined;
        }
        rest = rest.subarray(4 + rest.readInt32BE(0));
      }
    });
    broker.on('data', async (chunk: Buffer) => {
      if (!losing) {
        client.write(chunk);
        return;
      }
      await losing.meanwhile();
      client.destroy();
      losing.lost();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    leadTo(port) {
      target = port;
    },
    loseAnswer: (apiKey, meanwhile = async () => {}) =>
      new Promise((lost) => {
        plan = { apiKey, meanwhile, lost };
      }),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
