import { useSettings } from '../../components/settings.ts';
import { formatCount, formatShare } from '../../state/format.ts';
import type { Funnel, FunnelStep } from '../../state/funnel.ts';

const share = (part: number | undefined) => (part === undefined ? '–' : formatShare(part));

/** From a click to a purchase: each step as high as its count, the way to the next between them, favourites aside. */
export function FunnelChart({ name, funnel }: { name: string; funnel: Funnel }) {
  const { t } = useSettings();
  const { steps, aside } = funnel;
  const first = steps[0]?.name ?? '';
  const ofFirst = (step: FunnelStep) => `${t.ofFirst(first)} ${share(step.ofFirst)}`;
  const summary = [...steps, aside].map((step, index) =>
    [
      `${step.name} ${formatCount(step.count)}`,
      index === 0 ? '' : ofFirst(step),
      step.ofBefore === undefined ? '' : `${t.ofBefore} ${share(step.ofBefore)}`,
    ]
      .filter((text) => text !== '')
      .join(' '),
  );
  return (
    <div className="funnel" role="img" aria-label={`${name}: ${summary.join(', ')}`}>
      {steps.map((step, index) => (
        <div key={step.key} className="funnel-step" data-step={index}>
          <span className="funnel-name">{step.name}</span>
          <b>{formatCount(step.count)}</b>
          <span className="funnel-share">{index === 0 ? t.ofFirst(first) : share(step.ofFirst)}</span>
          <span className="funnel-share">{index === 0 ? t.ofBefore : share(step.ofBefore)}</span>
        </div>
      ))}
      <svg className="funnel-shape" viewBox="0 0 13 100" preserveAspectRatio="none" aria-hidden="true">
        {steps.map((step, index) => (
          <Block key={step.key} step={step} x={index * 5} />
        ))}
        {steps.slice(1).map((step, index) => (
          <Way key={step.key} from={heightOf(steps[index] ?? step)} to={heightOf(step)} x={index * 5 + 3} />
        ))}
      </svg>
      <div className="funnel-step funnel-aside">
        <span className="funnel-name">{aside.name}</span>
        <b>{formatCount(aside.count)}</b>
        <span className="funnel-share">{share(aside.ofFirst)}</span>
      </div>
      <svg className="funnel-shape funnel-aside" viewBox="0 0 3 100" preserveAspectRatio="none" aria-hidden="true">
        <Block step={aside} x={0} />
      </svg>
    </div>
  );
}

/** Of a drawing 100 high: what is there at all can be seen. */
const leastHeight = 3;

const heightOf = ({ count, size }: FunnelStep) => (count > 0 ? Math.max(leastHeight, 100 * size) : 0);

function Block({ step, x }: { step: FunnelStep; x: number }) {
  const height = heightOf(step);
  return <rect className="funnel-block" x={x} y={50 - height / 2} width="3" height={height} />;
}

function Way({ from, to, x }: { from: number; to: number; x: number }) {
  const [a, b] = [from / 2, to / 2];
  return <path className="funnel-way" d={`M${x} ${50 - a}L${x + 2} ${50 - b}V${50 + b}L${x} ${50 + a}Z`} />;
}
