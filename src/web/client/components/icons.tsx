const paths = {
  theme: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 0v12',
  enterFullscreen: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  leaveFullscreen: 'M6 2.5V6H2.5M13.5 6H10V2.5M10 13.5V10h3.5M2.5 10H6v3.5',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  resume: 'M5 3l8 5-8 5Z',
  save: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.5h10',
  bell: 'M8 2a4 4 0 0 0-4 4v3l-1.5 2.5h11L12 9V6a4 4 0 0 0-4-4ZM6.5 14h3',
  help: 'M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5ZM6.2 6.3a1.8 1.8 0 1 1 2.7 1.6c-.6.4-.9.7-.9 1.4M8 11.2v.2',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  alert: 'M8 2 1.5 13.5h13ZM8 6.5v3.2M8 11.6v.2',
  onward: 'M6 3.5 10.5 8 6 12.5',
} as const;

export type IconName = keyof typeof paths;

/** A line drawing in the colour of the text; its button carries the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" data-icon={name}>
      <path d={paths[name]} />
      {name === 'theme' && <path className="icon-fill" d="M8 2a6 6 0 0 1 0 12Z" />}
    </svg>
  );
}
