import { piecesOf } from './pieces.ts';

/** A sentence in which names of the program stand between backticks. */
export function Prose({ text }: { text: string }) {
  return piecesOf(text).map(({ text: piece, code, at }) =>
    code ? <code key={at}>{piece}</code> : <span key={at}>{piece}</span>,
  );
}
