import { Command } from 'commander';
import { z } from 'zod';
import { defaultConfigFile, invalidConfig, readConfig } from '../runtime/config.ts';
import { configFaults } from './config/faults.ts';
import { configSchema } from './config/schema.ts';

const examples = `
Examples:
  dashctl config check                          dashctl.json of this folder
  dashctl config check wall.json                another file; exit status 1 when it has faults
  dashctl config schema > dashctl.schema.json   for an editor: "$schema": "./dashctl.schema.json"

A config file gives flags by their long names, for all commands or for one, and pipelines:
  {
    "brokers": "kafka-1:9092", // comments are allowed
    "produce": { "rate": 100 },
    "pipelines": [
      { "name": "brand", "topic": "brand", "column": "brand_id" },
      { "name": "sold", "topic": "shop.orders", "field": "items[0].category", "where": { "field": "type", "equals": "buy" } }
    ]
  }`;

interface Output {
  write(text: string): unknown;
}

/** `dashctl config`: what a config file may hold, and whether one does. `commands` are all that flags come from. */
export function configCommand(commands: () => Promise<readonly Command[]>): Command {
  const check = new Command('check')
    .summary('read a config file and name all its faults, with their lines')
    .argument('[file]', 'file to check', defaultConfigFile)
    .action(async (file: string) => runCheck({ file, commands: await commands(), out: process.stdout }));
  const schema = new Command('schema')
    .summary('print a JSON Schema of the config file, for editors')
    .action(async () => runSchema({ commands: await commands(), out: process.stdout }));
  const config = new Command('config').addHelpText('after', examples);
  for (const command of [check, schema]) config.addCommand(command);
  return config;
}

/**
 * Says that a file is well, or throws what is wrong with it.
 * @throws DashctlError `CONFIG_INVALID`, `FILE_NOT_FOUND`.
 */
function runCheck({ file, commands, out }: { file: string; commands: readonly Command[]; out: Output }): void {
  const config = readConfig(file, true);
  const faults = config ? configFaults(config, configSchema(commands)) : [];
  if (faults.length > 0) throw invalidConfig(file, faults);
  out.write(`${file}: no faults\n`);
}

function runSchema({ commands, out }: { commands: readonly Command[]; out: Output }): void {
  const schema = z.toJSONSchema(configSchema(commands), { io: 'input', unrepresentable: 'any' });
  out.write(`${JSON.stringify({ ...schema, title: 'dashctl config file' }, null, 2)}\n`);
}
