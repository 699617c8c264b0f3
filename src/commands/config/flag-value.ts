import type { Option } from 'commander';

/** What a config file may give as the value of a flag. */
export type FlagValue = string | number | boolean | readonly (string | number)[];

export const isFlagValue = (value: unknown): value is FlagValue =>
  ['string', 'number', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.every((each) => typeof each === 'string' || typeof each === 'number'));

/** The name of a flag in a config file: its long one; of `--no-color`, `color`. */
export const flagName = (option: Option): string =>
  option.negate ? option.attributeName() : (option.long?.slice(2) ?? option.attributeName());

/** Whether a flag is on or off, without a value. */
export const isSwitch = (option: Option): boolean => option.isBoolean() || option.negate;

// A parser that takes what came before collects; commander's own check of choices has the same form.
const isRepeatable = ({ argChoices, parseArg, variadic }: Option): boolean =>
  variadic || (argChoices === undefined && (parseArg?.length ?? 0) > 1);

/** Whether a flag takes several values: it may be repeated, or takes `a,b,…`. */
export const takesList = (option: Option): boolean => isRepeatable(option) || option.flags.includes(',...>');

/**
 * Reads a value as if it had been given on the command line.
 * @throws InvalidArgumentError of the flag's own parser.
 */
export function flagValue(option: Option, value: FlagValue): unknown {
  if (isSwitch(option)) return value;
  const { parseArg } = option;
  if (!parseArg) return String(value);
  if (typeof value !== 'object' || !isRepeatable(option)) return parseArg<unknown>(String(value), undefined);
  return value.reduce<unknown>((before, each) => parseArg<unknown>(String(each), before), undefined);
}
