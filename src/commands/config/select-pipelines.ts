import { pipelinesSchema } from '../../records/pipeline-entry.ts';
import { builtInPipelines, type Pipeline } from '../../records/pipelines.ts';
import { DashctlError } from '../../runtime/errors.ts';
import { nearestNames } from '../../runtime/nearest-names.ts';

/**
 * The built-in pipelines and those of a config file, which may also replace a built-in one by its name.
 * @param entries the file's `pipelines`, which have been checked.
 */
export function allPipelines(entries: unknown): Pipeline[] {
  const own = entries === undefined ? [] : pipelinesSchema.parse(entries);
  return [...new Map([...builtInPipelines, ...own].map((pipeline) => [pipeline.name, pipeline])).values()];
}

/**
 * Those that `--pipeline` names, else all.
 * @throws DashctlError `USAGE` for a name that there is not.
 */
export function selectPipelines(all: Pipeline[], names: unknown): Pipeline[] {
  if (typeof names !== 'string') return all;
  const wanted = new Set(names.split(',').map((name) => name.trim()));
  return [...wanted].map((name) => {
    const pipeline = all.find((candidate) => candidate.name === name);
    if (pipeline) return pipeline;
    const known = all.map((candidate) => candidate.name);
    const near = nearestNames(name, known);
    throw new DashctlError('USAGE', `unknown pipeline "${name}"`, {
      hint: `${near.length > 0 ? `did you mean ${near.join(' or ')}? ` : ''}choose from: ${known.join(', ')}`,
    });
  });
}
