import { z } from 'zod';
import { parseJsonPath, valueAt } from './json-path.ts';

/** A way to a field, as a config file has it. */
export const fieldSchema = z
  .string()
  .refine((text) => parseJsonPath(text) !== undefined, `expected a path such as type, order.items[0].name or ["a.b"]`);

const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'expected a text, a number, true, false or null',
});

/** A condition on a field of a JSON value. All the tests that it names must hold. */
export const valueConditionSchema = z
  .strictObject({
    field: fieldSchema.describe('path of the field, such as order.items[0].name'),
    equals: scalarSchema.optional().describe('the field is this; 5 and "5" are the same, as they are when counted'),
    notEquals: scalarSchema.optional().describe('the field is anything else, or is not there'),
    in: z.array(scalarSchema).min(1).optional().describe('the field is one of these'),
    exists: z.boolean().optional().describe('the field is there, or with false: it is not'),
    greaterThan: z.number().optional().describe('the field is a number above this one'),
    lessThan: z.number().optional().describe('the field is a number below this one'),
  })
  .refine((condition) => Object.keys(condition).length > 1, {
    error: 'expected a test beside "field": equals, notEquals, in, exists, greaterThan or lessThan',
  });

export type ValueCondition = z.infer<typeof valueConditionSchema>;

/** The text under which a value of a field is counted and compared; undefined for lists and objects. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === null ? 'NULL' : undefined;
}

/** A test of parsed JSON values; `field` must be a path. */
export function valueTest(condition: ValueCondition): (value: unknown) => boolean {
  const path = parseJsonPath(condition.field) ?? [];
  const tests = fieldTests(condition);
  return (value) => {
    const field = valueAt(value, path);
    return tests.every((holds) => holds(field));
  };
}

function fieldTests(condition: ValueCondition): ((field: unknown) => boolean)[] {
  const { equals, notEquals, in: among, exists, greaterThan, lessThan } = condition;
  const tests: ((field: unknown) => boolean)[] = [];
  if (equals !== undefined) tests.push((field) => textOf(field) === textOf(equals));
  if (notEquals !== undefined) tests.push((field) => textOf(field) !== textOf(notEquals));
  if (among !== undefined) {
    const texts = new Set(among.map(textOf));
    tests.push((field) => field !== undefined && texts.has(textOf(field)));
  }
  if (exists !== undefined) tests.push((field) => (field !== undefined) === exists);
  // A comparison with NaN, which everything else becomes, does not hold.
  if (greaterThan !== undefined) tests.push((field) => numberOf(field) > greaterThan);
  if (lessThan !== undefined) tests.push((field) => numberOf(field) < lessThan);
  return tests;
}

// Prices and ids travel as texts, too, so that no reader rounds them.
const numberOf = (field: unknown): number =>
  typeof field === 'number' || (typeof field === 'string' && field.trim() !== '') ? Number(field) : Number.NaN;
