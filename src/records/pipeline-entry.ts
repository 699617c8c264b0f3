import { z } from 'zod';
import { parseDuration } from '../runtime/duration.ts';
import type { Label } from './labels.ts';
import { builtInPipelines, type Pipeline } from './pipelines.ts';
import { topicNameSchema } from './topic-name.ts';
import { fieldSchema, valueConditionSchema } from './value-condition.ts';
import { lengthsFault, type WindowLengths } from './window-shape.ts';

/** What something is called: one name, or one for each language of the page. */
const labelSchema = z.union([z.string(), z.strictObject({ zh: z.string(), en: z.string() })], {
  error: 'expected a text, or {"zh": …, "en": …}',
});

const windowSchema = z.union(
  [
    z.number().int().positive(),
    z.string().refine((text) => (parseDuration(text) ?? 0) > 0, 'expected a duration such as "500ms", "5s" or "1m"'),
  ],
  { error: 'expected whole milliseconds above 0, or a duration such as "5s"' },
);

const rowConditionSchema = z.string().regex(/^[^=]+=/, 'expected COLUMN=VALUE, such as "action=2"');
const conditionSchema = z.union([rowConditionSchema, valueConditionSchema], {
  error: 'expected "COLUMN=VALUE", or {"field": …} with a test',
});

/** A pipeline as a config file has it: name and topic, and whatever is not to be as it is by default. */
export const pipelineSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_-]*$/, 'a pipeline name is lower-case letters, digits, "_" and "-"')
      .describe('what --pipeline calls it; the name of a built-in pipeline replaces that'),
    title: labelSchema.optional().describe('heading on the page (default: the name)'),
    topic: topicNameSchema.describe('source topic'),
    column: z.string().min(1).optional().describe('CSV column whose cells are sent to the topic by produce and up'),
    field: fieldSchema.optional().describe('path to the counted field of JSON values, such as order.items[0].name'),
    where: z
      .union([conditionSchema, z.array(conditionSchema)], {
        error: 'expected a condition, or a list of them',
      })
      .optional()
      .describe('with column: rows that are sent, "COLUMN=VALUE"; else: JSON values that are counted, by a field'),
    resultTopic: topicNameSchema.optional().describe('topic of the counts (default: <topic>_results)'),
    window: windowSchema.optional().describe('length of a window, in ms or such as "5s" (default: 1s)'),
    slide: windowSchema.optional().describe('a window begins this often: hopping windows, which overlap'),
    step: windowSchema.optional().describe('the window so far comes out this often: cumulative windows'),
    labels: z.record(z.string(), labelSchema).optional().describe('what counted values are called on the page'),
    unknown: z.array(z.string()).optional().describe('values that mean "not known" (default: "NULL" and "")'),
  })
  .superRefine(({ column, field, where, topic, resultTopic, window, slide, step }, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const windows = lengthsFault(lengthsOf({ window, slide, step }));
    if (windows) fault([windows.of], windows.message);
    if (column !== undefined && field !== undefined) {
      fault(['field'], 'a pipeline has either a column of a CSV or a field of an existing topic');
    }
    if (resultTopic === topic) fault(['resultTopic'], 'the counts would go into the topic that is counted');
    for (const [index, condition] of listOf(where).entries()) {
      const place = Array.isArray(where) ? ['where', index] : ['where'];
      if (column !== undefined && typeof condition !== 'string') {
        fault(place, 'with a column, a condition is "COLUMN=VALUE"');
      }
      if (column === undefined && typeof condition === 'string') {
        fault(place, 'without a column, a condition is on a field: {"field": "type", "equals": "buy"}');
      }
    }
  })
  .transform(({ name, title = name, topic, column, field, where, ...entry }): Pipeline => {
    const conditions = listOf(where);
    const whereRow = conditions.filter((condition) => typeof condition === 'string');
    const whereValue = conditions.filter((condition) => typeof condition !== 'string');
    return {
      ...{ name, title: bothOf(title), topic },
      ...(column === undefined ? {} : { column }),
      ...(field === undefined ? {} : { field }),
      ...(whereRow.length > 0 ? { whereRow } : {}),
      ...(whereValue.length > 0 ? { whereValue } : {}),
      resultTopic: entry.resultTopic ?? `${topic}_results`,
      ...lengthsOf(entry),
      labels: Object.fromEntries(Object.entries(entry.labels ?? {}).map(([value, label]) => [value, bothOf(label)])),
      unknown: entry.unknown ?? ['NULL', ''],
    };
  });

type Length = string | number | undefined;

const millisecondsOf = (length: Length): number | undefined =>
  typeof length === 'string' ? parseDuration(length) : length;

/** The lengths of an entry in ms. */
function lengthsOf(entry: { window?: Length; slide?: Length; step?: Length }): WindowLengths {
  const [window = 1_000, slide, step] = [entry.window, entry.slide, entry.step].map(millisecondsOf);
  return { window, ...(slide === undefined ? {} : { slide }), ...(step === undefined ? {} : { step }) };
}

const listOf = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const bothOf = (label: string | Label) => (typeof label === 'string' ? { zh: label, en: label } : label);

/** The pipelines of a config file, which stand beside the built-in ones. */
export const pipelinesSchema = z.array(pipelineSchema).superRefine((pipelines, context) => {
  for (const [index, { name, topic, column }] of pipelines.entries()) {
    const before = pipelines.slice(0, index);
    if (before.some((other) => other.name === name)) {
      context.addIssue({ code: 'custom', path: [index, 'name'], message: `another pipeline is called "${name}"` });
    }
    const others = [
      ...builtInPipelines.filter((other) => !pipelines.some((own) => own.name === other.name)),
      ...before,
    ];
    const writer = others.find((other) => other.topic === topic && other.column !== undefined);
    if (column === undefined || !writer) continue;
    const message = `the pipeline "${writer.name}" sends its column to this topic; leave out "column" to count what is there`;
    context.addIssue({ code: 'custom', path: [index, 'topic'], message });
  }
});
