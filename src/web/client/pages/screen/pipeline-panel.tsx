import type { PipelineInfo } from '../../../messages.ts';
import { Panel } from '../../components/panel.tsx';
import { useSettings } from '../../components/settings.ts';
import type { Totals } from '../../state/feed.ts';
import { groupsOf, topOf } from '../../state/figures.ts';
import { formatCount } from '../../state/format.ts';
import { funnelOf, isFunnel } from '../../state/funnel.ts';
import { Bars } from './bars.tsx';
import { Columns } from './columns.tsx';
import { FunnelChart } from './funnel-chart.tsx';

interface PipelinePanelProps {
  pipeline: PipelineInfo;
  totals: Totals | undefined;
}

const mostFixed = 6;
const mostBars: Record<string, number> = { province: 9 };

/**
 * The totals of a pipeline, drawn as suits its values: the way from a click to a purchase as a funnel, few named ones as
 * bars in their own order, a scale such as ages as columns, any others as the greatest first.
 */
export function PipelinePanel({ pipeline, totals }: PipelinePanelProps) {
  const { t, language } = useSettings();
  const title = pipeline.title[language];
  const groups = groupsOf(pipeline, totals, language, t.unknown);
  const labelled = new Set(Object.values(pipeline.labels).map((label) => label[language])).size;
  if (pipeline.name === 'age') {
    return (
      <Panel className="pipeline columns-panel" title={title}>
        <Columns name={title} groups={groups} />
      </Panel>
    );
  }
  if (isFunnel(pipeline)) {
    return (
      <Panel className="pipeline funnel-panel" title={title}>
        {totals ? (
          <FunnelChart name={title} funnel={funnelOf(pipeline, totals, language)} />
        ) : (
          <p className="panel-empty">{t.waiting}</p>
        )}
      </Panel>
    );
  }
  if (labelled > 0 && labelled <= mostFixed) {
    return (
      <Panel className="pipeline few-bars" title={title}>
        <Bars name={title} groups={totals ? groups : []} rows={Math.max(4, groups.length)} />
      </Panel>
    );
  }
  const most = mostBars[pipeline.name] ?? 8;
  const known = groups.filter(({ count, unknown }) => !unknown && count > 0).length;
  const aside = labelled > 0 ? t.distinct(formatCount(known)) : t.top(most);
  return (
    <Panel
      className={`pipeline ${pipeline.name === 'category' ? 'accent-bars' : 'top-bars'}`}
      title={title}
      aside={<span className="panel-aside">{aside}</span>}
    >
      <Bars name={title} groups={topOf(groups, most)} rows={most} />
    </Panel>
  );
}
