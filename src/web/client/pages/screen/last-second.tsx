import type { ReactNode } from 'react';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { Icon } from '../../components/icons.tsx';
import { Panel } from '../../components/panel.tsx';
import { useSettings } from '../../components/settings.ts';
import { useMarks } from '../../components/use-alerts.ts';
import { genderKeys, lastSecondOf } from '../../state/figures.ts';
import { formatCount, formatShare } from '../../state/format.ts';

interface LastSecondProps {
  windows: readonly WindowPoint[];
  pipeline: PipelineInfo;
  showUnknown: boolean;
  onShowUnknown: (show: boolean) => void;
}

/** The two big numbers: female and male shoppers of the newest window. */
export function LastSecond({ windows, pipeline, showUnknown, onShowUnknown }: LastSecondProps) {
  const { t } = useSettings();
  const last = lastSecondOf(windows, pipeline);
  const all = last ? last.female + last.male + (showUnknown ? last.unknown : 0) : 0;
  const part = (count: number) => (all > 0 ? count / all : 0);
  const unknown = formatCount(last?.unknown ?? 0);
  const isMarked = useMarks();
  const marked = (value: string) => isMarked({ kind: 'value', pipeline: pipeline.name, value });
  return (
    <Panel className="last-second" title={pipeline.window === 1_000 ? t.lastSecond : t.lastWindow}>
      <div className="figures">
        <Figure name={t.female} kind="female" count={last?.female} marked={marked(genderKeys.female)}>
          <Change by={last?.change?.female} />
          <span>
            {t.share} {formatShare(part(last?.female ?? 0))}
          </span>
        </Figure>
        <Figure name={t.male} kind="male" count={last?.male} marked={marked(genderKeys.male)}>
          <Change by={last?.change?.male} />
          <span>
            {t.share} {formatShare(part(last?.male ?? 0))}
          </span>
        </Figure>
        {showUnknown && (
          <Figure name={t.unknown} kind="unknown" count={last?.unknown}>
            <span>
              {t.share} {formatShare(part(last?.unknown ?? 0))}
            </span>
          </Figure>
        )}
      </div>
      <div className="share" aria-hidden="true">
        <i className="share-female" style={{ flexGrow: last?.female ?? 0 }} />
        <i className="share-male" style={{ flexGrow: last?.male ?? 0 }} />
        {showUnknown && <i className="share-unknown" style={{ flexGrow: last?.unknown ?? 0 }} />}
      </div>
      <p className="unknown-line dotted">
        <span>{showUnknown ? t.unknownShown(unknown) : t.unknownHidden(unknown)}</span>
        <button type="button" aria-pressed={showUnknown} onClick={() => onShowUnknown(!showUnknown)}>
          {showUnknown ? t.hide : t.show}
        </button>
      </p>
    </Panel>
  );
}

interface FigureProps {
  name: string;
  kind: 'female' | 'male' | 'unknown';
  count: number | undefined;
  marked?: boolean;
  children: ReactNode;
}

function Figure({ name, kind, count, marked = false, children }: FigureProps) {
  const text = count === undefined ? '–' : formatCount(count);
  // Long numbers are set smaller, so that the line never breaks.
  const length = text.length <= 3 ? 'short' : text.length <= 5 ? 'middle' : 'long';
  return (
    <div className={`figure figure-${kind}`} data-length={length} data-marked={marked}>
      <strong role="img" aria-label={`${name} ${text}`} data-testid={`figure-${kind}`}>
        {text}
      </strong>
      <div>
        <span className="figure-name">
          {marked && <Icon name="alert" />}
          {name}
        </span>
        <small className="dotted">{children}</small>
      </div>
    </div>
  );
}

function Change({ by }: { by: number | undefined }) {
  const { t } = useSettings();
  if (by === undefined) return null;
  const [sign, text] = by > 0 ? ['▲', t.change.up] : by < 0 ? ['▼', t.change.down] : ['＝', t.change.none];
  return (
    <span>
      <span role="img" aria-label={text}>
        {sign}
      </span>
      {by === 0 ? '' : ` ${formatCount(Math.abs(by))}`}
    </span>
  );
}
