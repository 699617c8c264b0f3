/** Text that may come from data or a config file, for tooltips, which are HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The size of text at axes and in tooltips, px, where a rem is so many. */
export const smallText = (rem: number): number => Math.max(11, 0.875 * rem);

interface BoxLook {
  rem: number;
  font: string;
  colors: { text: string; line: string; panel: string };
}

/** The tooltip's box, the same for all kinds of charts. */
export const tooltipBox = ({ rem, font: fontFamily, colors }: BoxLook) => ({
  className: 'chart-tooltip',
  backgroundColor: colors.panel,
  borderColor: colors.line,
  borderWidth: 1,
  borderRadius: 6,
  padding: [0.5 * rem, 0.75 * rem],
  textStyle: { color: colors.text, fontSize: smallText(rem), fontFamily },
  extraCssText: 'box-shadow: none',
  transitionDuration: 0,
  confine: true,
});
