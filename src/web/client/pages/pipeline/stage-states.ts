import type { StageFault, StageStatus } from '../../../messages.ts';
import type { Condition } from '../../state/condition.ts';

/** The stages in the order of the data. */
export const stageNames = ['produce', 'topics', 'aggregate', 'results', 'store', 'pages'] as const;
export type StageName = (typeof stageNames)[number];

/** How a stage is; `elsewhere` is one that is not part of this process, `unknown` all while the page is cut off. */
export type StageState =
  | 'running'
  | 'paused'
  | 'done'
  | 'waiting'
  | 'lagging'
  | 'failed'
  | 'standby'
  | 'elsewhere'
  | 'unknown';

/** Records that wait are everyday work until they are more than a few seconds of it; the terminal view says the same. */
const mostLag = (rate: number) => Math.max(1_000, rate * 5);

/** An error is a state of its stage for so long, then an entry of the list. */
const freshFault = 30_000;

/** The names that stages have in the log. */
const loggedAs: Record<StageName, readonly string[]> = {
  produce: ['produce'],
  topics: ['broker'],
  aggregate: ['aggregate'],
  results: [],
  store: ['sink'],
  pages: ['serve'],
};

/** What a stage has complained of. */
export const faultsOf = (faults: readonly StageFault[], name: StageName): StageFault[] =>
  faults.filter(({ stage }) => loggedAs[name].includes(stage));

/** The state of each stage; `now` is the server's clock. */
export function stageStates(status: StageStatus, condition: Condition, now: number): Record<StageName, StageState> {
  if (condition === 'connecting' || condition === 'reconnecting' || condition === 'failed') {
    return byStage(() => 'unknown');
  }
  return byStage((name) => {
    const failing = faultsOf(status.faults ?? [], name).some(
      ({ level, time }) => level === 'error' && now - time < freshFault,
    );
    return failing ? 'failed' : stateOf[name](status, condition === 'live' ? 'running' : 'waiting');
  });
}

const byStage = (state: (name: StageName) => StageState): Record<StageName, StageState> => ({
  produce: state('produce'),
  topics: state('topics'),
  aggregate: state('aggregate'),
  results: state('results'),
  store: state('store'),
  pages: state('pages'),
});

/** `flowing` is what windows tell of a stage that does not tell itself. */
const stateOf: Record<StageName, (status: StageStatus, flowing: StageState) => StageState> = {
  produce({ produce }) {
    if (!produce) return 'elsewhere';
    if (produce.state !== 'running') return produce.state;
    return produce.rate > 0 ? 'running' : 'waiting';
  },
  topics({ broker }, flowing) {
    if (!broker) return flowing;
    if (!broker.reachable) return 'failed';
    if (broker.rate === undefined) return flowing;
    return broker.rate > 0 ? 'running' : 'waiting';
  },
  aggregate({ aggregate, produce, lag = 0 }) {
    if (!aggregate) return 'elsewhere';
    if (aggregate.state === 'standby') return 'standby';
    if (lag > mostLag(aggregate.rate)) return 'lagging';
    if (aggregate.rate > 0) return 'running';
    return produce?.state === 'done' && lag === 0 ? 'done' : 'waiting';
  },
  results({ broker, store }, flowing) {
    if (broker?.reachable === false) return 'failed';
    return (store?.lag ?? 0) > mostLag(0) ? 'lagging' : flowing;
  },
  store({ store }, flowing) {
    if (!store) return flowing;
    if (!store.reachable) return 'failed';
    return (store.lag ?? 0) > mostLag(0) ? 'lagging' : flowing;
  },
  pages: (_, flowing) => flowing,
};
