// Quoted also where a reader might cut spaces off, and when it is empty: not every reader tells "" from nothing.
const needsQuotes = /^$|[",\r\n]|^\s|\s$/;

/** A cell of a CSV as RFC 4180 has it. */
export const csvCell = (text: string): string => (needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
