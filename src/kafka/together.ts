/** Some work that ends early when it is told to stop; or nothing to do. */
export type Step = false | undefined | ((stop: AbortSignal) => Promise<void>);

/** Takes steps at once; when one fails the others are stopped and waited for, and what made it fail is thrown. */
export async function together(steps: readonly Step[]): Promise<void> {
  const stop = new AbortController();
  let failure: unknown;
  const take = async (step: Step) => {
    try {
      if (step) await step(stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) failure = error;
      stop.abort();
    }
  };
  await Promise.all(steps.map(take));
  if (failure !== undefined) throw failure;
}
