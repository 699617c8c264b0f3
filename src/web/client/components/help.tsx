import { pageNames } from '../../page-names.ts';
import { Dialog } from './dialog.tsx';
import { useSettings } from './settings.ts';

interface HelpProps {
  onClose: () => void;
  onKiosk: () => void;
}

/** The keys, and the way to the wall for those who have none. */
export function Help({ onClose, onKiosk }: HelpProps) {
  const { t } = useSettings();
  const keys = [
    [['1', String(pageNames.length)], pageNames.map((name) => t.pageNames[name]).join(t.listComma)],
    [[t.spaceKey], t.keyPause],
    [['u'], t.keyUnknown],
    [['a'], t.alertRules],
    [['f'], t.enterFullscreen],
    [['k'], t.keyKiosk],
    [['l'], t.keyLanguage],
    [['t'], t.keyTheme],
    [['?'], t.help],
    [['Esc'], t.keyLeave],
  ] as const;
  return (
    <Dialog title={t.help} onClose={onClose}>
      <dl className="keys">
        {keys.map(([names, what]) => (
          <div key={what}>
            <dt>
              {names.map((name, index) => (
                <span key={name}>
                  {index > 0 && '–'}
                  <kbd>{name}</kbd>
                </span>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button
        type="button"
        className="button"
        onClick={() => {
          onClose();
          onKiosk();
        }}
      >
        {t.enterKiosk}
      </button>
    </Dialog>
  );
}
