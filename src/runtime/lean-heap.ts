import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap of a process near what it holds, where V8 would take several times that on a machine with memory to
 * spare. Young objects get no more room than they have at the start: those of a stream die at once or stay, and room to
 * die in is then only memory. Old ones are collected when they have grown by half. V8 takes both flags while it runs,
 * unlike those for sizes.
 */
export function keepHeapLean(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}
