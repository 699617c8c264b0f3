import { z } from 'zod';
import type { ConfigFault, ConfigFile, ConfigPath } from '../../runtime/config.ts';
import { nearestNames } from '../../runtime/nearest-names.ts';

/** All that is wrong with a config file, by a schema. */
export function configFaults(file: ConfigFile, schema: z.ZodType): ConfigFault[] {
  const result = schema.safeParse(file.content);
  const issues = result.success ? [] : result.error.issues.flatMap((issue) => plainIssues(issue, []));
  return [...file.duplicates, ...issues.flatMap((issue) => faultsOf(file, schema, issue))];
}

/** An issue that no schema of a union stands behind, with its path from the root. */
type PlainIssue = Exclude<z.core.$ZodIssue, z.core.$ZodIssueInvalidUnion>;

/** Of a union, the form that was meant is the one whose kind of value is there: its own issues say more. */
function plainIssues(issue: z.core.$ZodIssue, above: ConfigPath): (PlainIssue | Message)[] {
  const path = [...above, ...issue.path];
  if (issue.code !== 'invalid_union') return [{ ...issue, path }];
  const meant = issue.errors.find((issues) => !issues.some((inner) => isOtherKind(inner)));
  if (!meant) return [{ code: 'message', path, message: issue.message }];
  return meant.flatMap((inner) => plainIssues(inner, path));
}

interface Message {
  code: 'message';
  path: PropertyKey[];
  message: string;
}

const isOtherKind = (issue: z.core.$ZodIssue): boolean =>
  issue.path.length === 0 &&
  (issue.code === 'invalid_type' ||
    (issue.code === 'invalid_union' && issue.errors.every((issues) => issues.some(isOtherKind))));

function faultsOf(file: ConfigFile, schema: z.ZodType, issue: PlainIssue | Message): ConfigFault[] {
  if (issue.code === 'unrecognized_keys') {
    const names = namesAt(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), issue.path);
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return { ...file.placeOf(path, 'name'), path, message: unknownName(key, names) };
    });
  }
  const { path } = issue;
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  const message = isMissing ? 'is missing' : issue.message.replace(/^Invalid (input|option): /, '');
  return [{ ...file.placeOf(path), path, message }];
}

function unknownName(name: string, names: readonly string[]): string {
  const near = nearestNames(name, names).map((other) => `"${other}"`);
  if (near.length > 0) return `no such name, did you mean ${near.join(' or ')}?`;
  return names.length <= 20 ? `no such name; there are ${names.join(', ')}` : 'no such name';
}

type JsonSchema = z.core.JSONSchema._JSONSchema;

/** The names that a member at the end of the path may have. */
function namesAt(schema: JsonSchema | undefined, path: ConfigPath): string[] {
  if (typeof schema !== 'object') return [];
  const forms = [...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap((form) => namesAt(form, path));
  const [step, ...rest] = path;
  if (step === undefined) return [...Object.keys(schema.properties ?? {}), ...forms];
  const { items } = schema;
  const inner =
    typeof step === 'number' ? (Array.isArray(items) ? items[step] : items) : schema.properties?.[String(step)];
  return [...namesAt(inner, rest), ...forms];
}
