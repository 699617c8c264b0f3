import { CommanderError } from 'commander';
import { program } from './commands/program.ts';
import { DashctlError, exitCodeOf, exitCodes, messageOf } from './runtime/errors.ts';
import { shutdownSignal } from './runtime/shutdown.ts';

// The only place that ends the process. Output that a pipe has not taken yet is written first.
function exit(status: number): void {
  process.exitCode = status;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}

/** Tells a failure to the reader: one line of what failed, one of what to do. The stack is for --log-level debug. */
function report(error: unknown, debug: boolean): void {
  const known = error instanceof DashctlError;
  const lines = [known ? `error: ${error.message}` : `error: ${messageOf(error)}`];
  const hint = known ? error.hint : 'this is a fault in dashctl; run again with --log-level debug for its place';
  if (hint) lines.push(`  hint: ${hint}`);
  if (debug && error instanceof Error) lines.push(String(error.stack));
  process.stderr.write(`${lines.join('\n')}\n`);
}

async function main(args: string[]): Promise<number> {
  // A reader that has seen enough (`dashctl tail … | head`) closes the pipe: that is an end, not a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    throw error;
  });
  const signal = shutdownSignal((status) => process.exit(status));
  try {
    const root = await program(args, signal);
    await root.parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    // commander has printed its own message; help and version end with status 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    report(error, args.join(' ').includes('--log-level debug') || args.includes('--log-level=debug'));
    return exitCodeOf(error);
  }
}

exit(await main(process.argv.slice(2)));
