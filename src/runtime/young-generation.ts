import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8 from giving new objects more room than it begins with, for a process in which objects either die at once or
 * stay: room to die in is then only memory. V8 takes this flag while it runs, unlike that for the largest size.
 */
export const keepYoungGenerationSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1');
