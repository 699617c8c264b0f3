import { latestOf, type Series, sparkPath } from './rates.ts';
import { usePipelineWords } from './use-pipeline-words.ts';

interface SparklineProps {
  series: Series;
  unit: string;
  format: (value: number) => string;
}

const [width, height] = [240, 36];

/** The last minute of a rate as a small line from zero, with what it shows as its name. */
export function Sparkline({ series, unit, format }: SparklineProps) {
  const { t } = usePipelineWords();
  const values = series.filter((value) => value !== null);
  const latest = latestOf(series);
  const name =
    latest === undefined
      ? t.noSpark
      : t.spark(unit, format(Math.min(...values)), format(Math.max(...values)), format(latest));
  const path = sparkPath(series, width, height);
  return (
    <svg
      className="spark"
      role="img"
      aria-label={name}
      viewBox={`0 -1 ${width} ${height + 2}`}
      preserveAspectRatio="none"
    >
      <path className="spark-zero" d={`M0 ${height}H${width}`} />
      <path className="spark-line" d={path} />
    </svg>
  );
}
