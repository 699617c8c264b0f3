import { homedir, tmpdir } from 'node:os';

// Longer than any message of our own; what others say may have no end.
const mostCharacters = 240;

// Whole folders first: their names may have spaces, which end a path that is only guessed.
const knownFolders = [process.cwd(), homedir(), tmpdir()]
  .filter((folder) => folder.length > 1)
  .sort((a, b) => b.length - a.length);

const address = /\b([a-z][a-z0-9+.-]*:\/\/)\S*@/gi;
const secret = /\b(password|passwd|pwd|token|secret|sslkey)=[^&\s]+/gi;
const fileAddress = /\b(file|sqlite):\/{2,}/gi;
const posixPath =
  /(?<![\w/.…\-:])(?<!\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) )\/+(?:[^\s/'"`,;:)]+\/+)*([^\s/'"`,;:)]*)/g;
const posixPathAfterColon = /(?<=:)\/(?!\/)(?:[^\s/'"`,;:)]+\/+)*([^\s/'"`,;:)]*)/g;
const windowsPath = /(?<![a-z])[a-z]:\\(?:[^\s\\'"`,;:)]+\\)*([^\s\\'"`,;:)]*)/gi;

/**
 * A log message as it may leave this machine: of paths the last part alone, addresses without user and password, and
 * no longer than a few lines.
 */
export function presentableText(text: string): string {
  let shown = text.replace(address, '$1').replace(secret, '$1=…').replace(fileAddress, '$1:/');
  for (const folder of knownFolders) shown = shown.replaceAll(`${folder}/`, '/');
  for (const path of [posixPath, posixPathAfterColon, windowsPath]) {
    shown = shown.replace(path, (_, last: string) => `…/${last}`);
  }
  return shown.length > mostCharacters ? `${shown.slice(0, mostCharacters - 1)}…` : shown;
}
