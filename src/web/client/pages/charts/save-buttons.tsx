import { useState } from 'react';
import { Icon } from '../../components/icons.tsx';
import { useSettings } from '../../components/settings.ts';
import { chartsWords } from './words.ts';

export const fileKinds = ['png', 'svg', 'csv'] as const;
export type FileKind = (typeof fileKinds)[number];

interface SaveButtonsProps {
  disabled: boolean;
  onSave: (kind: FileKind) => void;
  /** The address that shows the same. */
  linkOf: () => string;
}

/** Takes the chart away: as a file, or as a link. */
export function SaveButtons({ disabled, onSave, linkOf }: SaveButtonsProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const [told, setTold] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(linkOf());
      setTold(t.copied);
    } catch {
      // Browsers give the clipboard only to pages that came safely; the address bar has the same link.
      setTold(t.copyFailed);
    }
    setTimeout(() => setTold(''), 3_000);
  };
  return (
    <div className="charts-save-buttons">
      <button type="button" className="charts-copy-link" onClick={copy}>
        {told || t.copyLink}
      </button>
      <output className="charts-visually-hidden">{told}</output>
      <fieldset className="tools" aria-label={t.save} disabled={disabled}>
        <Icon name="save" />
        {fileKinds.map((kind) => (
          <button key={kind} type="button" aria-label={t.saveAs(kind.toUpperCase())} onClick={() => onSave(kind)}>
            {kind.toUpperCase()}
          </button>
        ))}
      </fieldset>
    </div>
  );
}

/** Hands a file to the browser. */
export function saveFile(name: string, address: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  if (address.startsWith('blob:')) setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export const textAddress = (text: string, type: string): string =>
  URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
