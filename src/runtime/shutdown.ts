import { exitCodes } from './errors.ts';

/**
 * An AbortSignal that follows SIGINT and SIGTERM: the first asks for an orderly stop (drain, flush, commit, close),
 * the second ends the process at once, since someone who presses Ctrl-C twice means it.
 */
export function shutdownSignal(exit: (status: number) => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) exit(exitCodes.interrupted);
    else controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
