import { useEffect, useRef, useState } from 'react';
import type { Link } from '../state/feed.ts';
import type { Navigation } from '../state/route.ts';
import type { Fullscreen } from './use-fullscreen.ts';

export interface Kiosk {
  on: boolean;
  /** The pointer has not moved for a while: it is hidden, with all that it could press. */
  idle: boolean;
  enter(): void;
  leave(): void;
}

const idleAfter = 3_000;
/** A server that cannot be understood after that either is not asked without end. */
const reloadSpacing = 60_000;
const reloadedAt = 'reloadedAt';

/** The page on a wall: nothing to press, the screen stays on, and a new version of the server is loaded by itself. */
export function useKiosk(navigation: Navigation, fullscreen: Fullscreen, link: Link): Kiosk {
  const on = navigation.query.has('kiosk');
  const idle = useIdle(on);
  useWakeLock(on);

  // Escape leaves the full screen without the page hearing of the key.
  const wasFull = useRef(false);
  useEffect(() => {
    if (on && wasFull.current && !fullscreen.on) navigation.change({ kiosk: undefined });
    wasFull.current = fullscreen.on;
  }, [on, fullscreen.on, navigation]);

  // Opened by its address, the page may fill the screen only after somebody has touched it.
  const enterFullscreen = useRef(fullscreen.enter);
  enterFullscreen.current = fullscreen.enter;
  useEffect(() => {
    if (!on) return;
    const enter = () => enterFullscreen.current();
    window.addEventListener('pointerdown', enter, { once: true });
    return () => window.removeEventListener('pointerdown', enter);
  }, [on]);

  const outdated = on && link.phase === 'failed' && link.reason === 'version';
  useEffect(() => {
    if (outdated) reloadOnce();
  }, [outdated]);

  return {
    on,
    idle,
    enter() {
      fullscreen.enter();
      navigation.change({ kiosk: '' });
    },
    leave() {
      fullscreen.leave();
      navigation.change({ kiosk: undefined });
    },
  };
}

function reloadOnce(): void {
  try {
    if (Date.now() - Number(sessionStorage.getItem(reloadedAt)) < reloadSpacing) return;
    sessionStorage.setItem(reloadedAt, String(Date.now()));
  } catch {
    // Without storage nobody could tell the second time from the first.
    return;
  }
  location.reload();
}

function useIdle(watched: boolean): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    if (!watched) return;
    let timer: ReturnType<typeof setTimeout>;
    const wake = () => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(true), idleAfter);
    };
    wake();
    const events = ['pointermove', 'pointerdown', 'keydown'] as const;
    for (const name of events) window.addEventListener(name, wake);
    return () => {
      clearTimeout(timer);
      for (const name of events) window.removeEventListener(name, wake);
      setIdle(false);
    };
  }, [watched]);
  return idle;
}

// Browsers give the lock to pages that are seen, over a connection that they trust, and take it away with the sight.
function useWakeLock(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let over = false;
    const take = async () => {
      if (document.visibilityState !== 'visible') return;
      lock = await navigator.wakeLock.request('screen').catch(() => undefined);
      if (over) await lock?.release();
    };
    void take();
    document.addEventListener('visibilitychange', take);
    return () => {
      over = true;
      document.removeEventListener('visibilitychange', take);
      void lock?.release();
    };
  }, [wanted]);
}
