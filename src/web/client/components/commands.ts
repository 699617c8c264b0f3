import { type PageName, pageNames } from '../../page-names.ts';

/** What a key does. */
export type Command =
  | { name: 'page'; page: PageName }
  | { name: 'pause' | 'unknown' | 'alerts' | 'fullscreen' | 'kiosk' | 'language' | 'theme' | 'help' | 'leave' };

/** What a key press says, as far as it matters here. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  defaultPrevented: boolean;
  repeat: boolean;
  /** Where it was pressed: tag in upper case, and whether text is edited there. */
  tagName: string;
  editable: boolean;
}

const byKey = {
  ' ': 'pause',
  u: 'unknown',
  a: 'alerts',
  f: 'fullscreen',
  k: 'kiosk',
  l: 'language',
  t: 'theme',
  '?': 'help',
  Escape: 'leave',
} as const;

const isKnown = (key: string): key is keyof typeof byKey => Object.hasOwn(byKey, key);

/** Elements that take letters, and those that take Space. */
const typing = new Set(['INPUT', 'TEXTAREA', 'SELECT']);
const pressing = new Set(['BUTTON', 'A', 'SUMMARY', 'OPTION']);

/** The command of a key press; undefined where it is none, or meant for what has the focus. */
export function commandOf(press: KeyPress): Command | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.isComposing || press.defaultPrevented) return undefined;
  if (press.repeat || press.editable || typing.has(press.tagName)) return undefined;
  if (press.key === ' ' && pressing.has(press.tagName)) return undefined;
  const page = /^[1-9]$/.test(press.key) ? pageNames[Number(press.key) - 1] : undefined;
  if (page) return { name: 'page', page };
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  return isKnown(key) ? { name: byKey[key] } : undefined;
}
