/** A text cut at its backticks: what stands between two of them is code. `at` is where a piece begins. */
export function piecesOf(text: string): { text: string; code: boolean; at: number }[] {
  let at = 0;
  return text.split('`').flatMap((piece, index) => {
    const start = at;
    at += piece.length + 1;
    return piece === '' ? [] : [{ text: piece, code: index % 2 === 1, at: start }];
  });
}
