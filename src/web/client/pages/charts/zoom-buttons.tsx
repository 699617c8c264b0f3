import { useSettings } from '../../components/settings.ts';
import { moveBy, zoomBy } from './periods.ts';
import type { Period } from './view.ts';
import { chartsWords } from './words.ts';

interface ZoomButtonsProps {
  zoom: Period | undefined;
  shown: Period;
  period: Period;
  window: number;
  onZoom: (zoom: Period | undefined) => void;
}

/** Zooming and moving without wheel and mouse. */
export function ZoomButtons({ zoom, shown, period, window, onZoom }: ZoomButtonsProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const step = (part: number) => moveBy(part, shown, period, window);
  return (
    <fieldset className="tools" aria-label={t.zoom}>
      <button type="button" aria-label={t.zoomIn} onClick={() => onZoom(zoomBy(0.5, shown, period, window))}>
        +
      </button>
      {zoom && (
        <>
          <button type="button" aria-label={t.zoomOut} onClick={() => onZoom(zoomBy(2, shown, period, window))}>
            −
          </button>
          <button type="button" aria-label={t.earlier} onClick={() => onZoom(step(-0.5))}>
            ‹
          </button>
          <button type="button" aria-label={t.later} onClick={() => onZoom(step(0.5))}>
            ›
          </button>
          <button type="button" onClick={() => onZoom(undefined)}>
            {t.resetZoom}
          </button>
        </>
      )}
    </fieldset>
  );
}
