import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a port that can be cut. */
export interface Network {
  port: number;
  /** Cuts all connections, and lets nobody through until `start`. */
  halt(): Promise<void>;
  start(): Promise<void>;
}

export async function startNetwork(target: number): Promise<Network> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const join = (from: Socket, to: Socket) => {
    sockets.add(from);
    from
      .on('error', () => to.destroy())
      .on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    from.pipe(to);
  };
  const listen = async (port: number) => {
    server = createServer((near) => {
      const far = connect({ port: target, host: '127.0.0.1' });
      join(near, far);
      join(far, near);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };
  const port = await listen(0);
  return {
    port,
    async halt() {
      if (!server?.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    start: async () => void (await listen(port)),
  };
}
