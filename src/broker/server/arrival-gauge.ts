/** A connection, as far as the gauge has to do with it. */
interface Sender {
  /** Ends it. */
  refuse(reason: string): void;
}

/**
 * How much requests take that have not arrived completely, on all connections together. Waiting would not free it, since
 * only more bytes can complete a request: above the limit, the connection that holds most is ended.
 */
export class ArrivalGauge {
  readonly #limitBytes: number;
  readonly #held = new Map<Sender, number>();
  #total = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes note of what a connection holds by now, 0 for nothing. */
  note(sender: Sender, bytes: number): void {
    this.#total += bytes - (this.#held.get(sender) ?? 0);
    if (bytes > 0) this.#held.set(sender, bytes);
    else this.#held.delete(sender);
    while (this.#total > this.#limitBytes) this.#refuseLargest();
  }

  #refuseLargest(): void {
    let largest: [sender: Sender | undefined, bytes: number] = [undefined, 0];
    for (const each of this.#held) if (each[1] > largest[1]) largest = each;
    const [sender, bytes] = largest;
    if (!sender) return;
    this.note(sender, 0);
    sender.refuse(`${bytes} bytes of a request came without the rest, and all such take more than ${this.#limitBytes}`);
  }
}
