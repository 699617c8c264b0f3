import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DashctlError, errnoOf, messageOf } from './errors.ts';

/** The file that is read from the working directory when `--config` does not name another. */
export const defaultConfigFile = 'dashctl.json';

const flagValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/**
 * A config file: values for flags by their long names (`{"brokers": "a:9092", "produce": {"rate": 100}}`), for all
 * commands at the top and for one command under its name, and further pipelines, which `records/` checks.
 */
const configSchema = z
  .object({ $schema: z.string().optional(), pipelines: z.array(z.unknown()).optional() })
  .catchall(z.union([flagValue, z.record(z.string(), flagValue)]));

export type Config = z.infer<typeof configSchema>;

/**
 * Reads a config file. A missing file is an error only when it was named.
 * @throws DashctlError `CONFIG_INVALID` with the place of the fault, `FILE_NOT_FOUND` for a missing named file.
 */
export function readConfig(file: string, named: boolean): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' && !named) return {};
    if (errnoOf(error) === 'ENOENT') {
      throw new DashctlError('FILE_NOT_FOUND', `no config file ${file}`, {
        hint: 'check the path given with --config',
      });
    }
    throw new DashctlError('CONFIG_INVALID', `cannot read the config file ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new DashctlError('CONFIG_INVALID', `${file} is not JSON: ${messageOf(error)}`, {
      hint: 'mend the file, or leave out --config',
    });
  }
  const result = configSchema.safeParse(parsed);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new DashctlError(
    'CONFIG_INVALID',
    `${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not valid'}`,
    {
      hint: 'see "Configuration" in the README',
    },
  );
}
