import { useSettings } from './settings.ts';

/** Seen when a reader without a mouse comes to it: past the header, to what the page shows. */
export function SkipLink() {
  const { t } = useSettings();
  const skip = () => {
    const main = document.querySelector('main');
    if (!main) return;
    main.tabIndex = -1;
    main.focus();
  };
  return (
    <button type="button" className="skip-link" onClick={skip}>
      {t.skip}
    </button>
  );
}
