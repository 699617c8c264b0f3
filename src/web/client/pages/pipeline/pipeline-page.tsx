import { Notice } from '../../components/notice.tsx';
import type { PageProps } from '../page-props.ts';
import { BalancePanel } from './balance-panel.tsx';
import { FaultsPanel } from './faults-panel.tsx';
import { Flow } from './flow.tsx';
import { PipelinesTable } from './pipelines-table.tsx';
import { useSamples } from './use-samples.ts';
import './pipeline.css';
import './flow.css';

/** The stages as the data goes through them: what each does, how far it is, and what it complains of. */
export function PipelinePage({ feed, state, condition, now }: PageProps) {
  const samples = useSamples(state, condition, now);
  const { status } = state;
  // The stages themselves say why nothing comes any more when the file has been replayed.
  const isSaid = condition === 'live' || (condition === 'stale' && status.produce?.state === 'done');
  const notice = isSaid ? null : { condition, state, now, onReconnect: feed.reconnect };
  if (state.sequence === undefined) {
    return <main className="screen screen-empty">{notice && <Notice {...notice} over={false} />}</main>;
  }
  return (
    <main className="pipeline-page">
      {notice && <Notice {...notice} over />}
      <BalancePanel state={state} condition={condition} now={now} />
      <Flow {...{ state, condition, now, samples }} />
      <div className="pipeline-below">
        <PipelinesTable state={state} condition={condition} now={now} />
        <FaultsPanel faults={status.faults ?? []} />
      </div>
    </main>
  );
}
