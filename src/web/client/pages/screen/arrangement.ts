import type { PipelineInfo } from '../../../messages.ts';

export interface Arrangement {
  /** Fills the left side and the chart. */
  gender: PipelineInfo | undefined;
  /** Under the chart. */
  below: PipelineInfo[];
  right: PipelineInfo[];
}

const onTheRight = new Set(['category', 'province']);

/** Where each pipeline's panel stands. Pipelines of a config file come under the chart, after the built-in ones. */
export function arrange(pipelines: readonly PipelineInfo[]): Arrangement {
  const others = pipelines.filter(({ name }) => name !== 'gender');
  return {
    gender: pipelines.find(({ name }) => name === 'gender'),
    below: others.filter(({ name }) => !onTheRight.has(name)),
    right: others.filter(({ name }) => onTheRight.has(name)),
  };
}
