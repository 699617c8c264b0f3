import { useEffect, useState } from 'react';

export interface Fullscreen {
  possible: boolean;
  on: boolean;
  enter(): void;
  leave(): void;
}

// A browser may refuse; then the page stays as it is, and so does what shows it.
const tolerate = (attempt: Promise<void> | undefined) => void attempt?.catch(() => undefined);

/** Whether the page fills the screen, and how it comes to that. */
export function useFullscreen(): Fullscreen {
  const [on, setOn] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const onChange = () => setOn(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', onChange);
    return () => document.removeEventListener('fullscreenchange', onChange);
  }, []);
  return {
    possible: document.fullscreenEnabled,
    on,
    enter: () => {
      if (document.fullscreenEnabled && !document.fullscreenElement)
        tolerate(document.documentElement.requestFullscreen());
    },
    leave: () => {
      if (document.fullscreenElement) tolerate(document.exitFullscreen());
    },
  };
}
