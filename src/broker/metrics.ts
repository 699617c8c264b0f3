// Counters of the broker, kept whether or not anybody looks: each is a number that is added to, without a label looked up
// on the way. `metrics-text.ts` gives them names and makes text of them.

/** Upper ends of the latency buckets, in seconds; one more bucket takes what is slower. */
export const latencyBuckets: readonly number[] = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
];
const bucketEnds = latencyBuckets.map((seconds) => seconds * 1_000);

/** What went through a topic since the broker started. */
export class Traffic {
  recordsIn = 0;
  bytesIn = 0;
  recordsOut = 0;
  bytesOut = 0;

  /** Counts a batch that a producer has sent. */
  addIn(records: number, bytes: number): void {
    this.recordsIn += records;
    this.bytesIn += bytes;
  }

  addOut(records: number, bytes: number): void {
    this.recordsOut += records;
    this.bytesOut += bytes;
  }
}

/** What one API was asked. */
export class ApiMetrics {
  readonly name: string;
  /** Requests by latency bucket; the last one is for those slower than all ends. */
  readonly buckets: number[] = new Array(bucketEnds.length + 1).fill(0);
  /** Error codes that answers carried, for a partition, a topic or the whole, and how often. */
  readonly errors = new Map<number, number>();
  requests = 0;
  /** Of all requests together, in ms. */
  time = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Counts a request whose answer was ready so many ms after it had arrived. */
  answered(time: number): void {
    let bucket = 0;
    while (bucket < bucketEnds.length && time > (bucketEnds[bucket] ?? 0)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.requests++;
    this.time += time;
  }

  failed(errorCode: number): void {
    this.errors.set(errorCode, (this.errors.get(errorCode) ?? 0) + 1);
  }
}

/** All counters of a broker that are not a topic's own. */
export class BrokerMetrics {
  /** Of all topics together, also of those that were deleted. */
  readonly traffic = new Traffic();
  readonly apis = new Map<number, ApiMetrics>();
  /** Connections since the start. */
  connections = 0;
  /** Connections that the broker ended for what came through them, or for a fault of its own. */
  droppedConnections = 0;

  /** The counters of an API, made when it is first asked for. */
  of(key: number, name: string): ApiMetrics {
    const present = this.apis.get(key);
    if (present) return present;
    const made = new ApiMetrics(name);
    this.apis.set(key, made);
    return made;
  }
}
