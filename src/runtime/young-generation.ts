import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the part of the heap small in which V8 makes new objects. Buffers hold their memory outside of it and are freed
 * when their objects are collected; where few objects hold many megabytes, a young generation that has grown to its usual
 * 16 MB is collected so seldom that V8 takes to full collections instead. For processes that pass bytes on.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
