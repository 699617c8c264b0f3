import type { Command, Option } from 'commander';
import { z } from 'zod';
import { pipelinesSchema } from '../../records/pipeline-entry.ts';
import { messageOf } from '../../runtime/errors.ts';
import { type FlagValue, flagName, flagValue, isSwitch, takesList } from './flag-value.ts';

// What is about the command line itself.
const withoutConfig: ReadonlySet<string> = new Set(['config', 'help', 'version']);

/**
 * What a config file may hold: flags of the commands by their long names, at the top for all of them or under the name
 * of one, and pipelines. With `only`, names at the top that are not known are those of other commands.
 */
export function configSchema(commands: readonly Command[], { only = false } = {}) {
  const stages = commands.filter((command) => optionsOf(command).some(({ long }) => long === '--config'));
  const sections = stages.map((command) => {
    const section = z.strictObject(flagsShape(optionsOf(command))).optional();
    return [command.name(), section.describe(`flags of ${command.name()} alone`)] as const;
  });
  const shape = {
    $schema: z.string().optional().describe('for editors: where this schema is'),
    ...flagsShape(stages.flatMap(optionsOf)),
    ...Object.fromEntries(sections),
    pipelines: pipelinesSchema.optional().describe('pipelines beside the built-in ones'),
  };
  return only ? z.looseObject(shape) : z.strictObject(shape);
}

/** The options of a command and of those under it. */
const optionsOf = (command: Command): Option[] => [...command.options, ...command.commands.flatMap(optionsOf)];

function flagsShape(options: readonly Option[]): Record<string, z.ZodType> {
  const byName = Map.groupBy(options, flagName);
  return Object.fromEntries(
    [...byName].filter(([name]) => !withoutConfig.has(name)).map(([name, same]) => [name, flagSchema(same)]),
  );
}

/** One flag, which several commands may have, each with a parser of its own. */
function flagSchema(options: readonly Option[]): z.ZodType {
  const [option] = options;
  if (!option) return z.never();
  return valueSchema(option)
    .superRefine((value, context) => {
      const faults = options.flatMap((each) => faultOf(each, value) ?? []);
      if (faults.length === options.length) context.addIssue({ code: 'custom', message: faults[0] ?? '' });
    })
    .optional()
    .describe(descriptionOf(option));
}

function valueSchema(option: Option): z.ZodType<FlagValue> {
  if (isSwitch(option)) return z.boolean();
  if (option.argChoices) return z.enum(option.argChoices);
  const single = z.union([z.string(), z.number()], { error: 'expected a text or a number' });
  if (!takesList(option)) return single;
  return z.union([z.string(), z.number(), z.array(single)], { error: 'expected a text or a list of texts' });
}

function faultOf(option: Option, value: FlagValue): string | undefined {
  try {
    flagValue(option, value);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function descriptionOf({ description, defaultValue, defaultValueDescription }: Option): string {
  const byDefault = defaultValueDescription ?? (defaultValue === undefined ? undefined : JSON.stringify(defaultValue));
  return byDefault === undefined ? description : `${description} (default: ${byDefault})`;
}
