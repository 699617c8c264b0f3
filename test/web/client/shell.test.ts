import { describe, expect, test } from 'vitest';
import { commandOf, type KeyPress } from '../../../src/web/client/components/commands.ts';
import { addressOf, changedQuery } from '../../../src/web/client/state/address.ts';
import { pageAt } from '../../../src/web/page-names.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  defaultPrevented: false,
  repeat: false,
  tagName: 'BODY',
  editable: false,
  ...more,
});

describe('keys', () => {
  test('go to pages by number and do what they are named for', () => {
    expect(['1', '4', '5'].map((key) => commandOf(press(key)))).toEqual([
      { name: 'page', page: 'screen' },
      { name: 'page', page: 'pipeline' },
      { name: 'page', page: 'docs' },
    ]);
    expect([' ', 'f', 'K', 'l', 't', 'u', 'a', '?', 'Escape'].map((key) => commandOf(press(key))?.name)).toEqual([
      'pause',
      'fullscreen',
      'kiosk',
      'language',
      'theme',
      'unknown',
      'alerts',
      'help',
      'leave',
    ]);
    expect(['6', 'x', 'Tab', 'toString', '0'].map((key) => commandOf(press(key)))).toEqual(Array(5).fill(undefined));
  });

  test('are left to what has the focus, and to the browser', () => {
    for (const tagName of ['INPUT', 'SELECT', 'TEXTAREA']) expect(commandOf(press('l', { tagName }))).toBeUndefined();
    expect(commandOf(press('l', { editable: true }))).toBeUndefined();
    for (const tagName of ['BUTTON', 'A']) {
      expect(commandOf(press(' ', { tagName }))).toBeUndefined();
      expect(commandOf(press('l', { tagName }))).toBeDefined();
    }
    for (const more of [
      { ctrlKey: true },
      { metaKey: true },
      { altKey: true },
      { isComposing: true },
      { repeat: true },
    ]) {
      expect(commandOf(press('t', more))).toBeUndefined();
    }
    expect(commandOf(press('t', { defaultPrevented: true }))).toBeUndefined();
  });
});

describe('the address', () => {
  const query = (text: string) => new URLSearchParams(text);

  test('keeps what it says of the frame from page to page, and nothing else', () => {
    expect(addressOf('charts', query('type=pie'), query('kiosk&alert=late>1&alert=delay>2&range=5m'))).toBe(
      './charts?type=pie&kiosk&alert=late%3E1&alert=delay%3E2',
    );
    expect(addressOf('screen', query(''), query('range=5m'))).toBe('./');
  });

  test('is changed part by part', () => {
    const changed = changedQuery(query('range=5m&kiosk'), { kiosk: undefined, unknown: '', alert: ['a', 'b'] });
    expect(changed.toString()).toBe('range=5m&unknown=&alert=a&alert=b');
  });

  test('of the built page is that of the big screen', () => {
    expect(['/', '/index.html', '/below/', '/charts', '/nothing'].map(pageAt)).toEqual([
      'screen',
      'screen',
      'screen',
      'charts',
      undefined,
    ]);
  });
});
