import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Gives new objects no more room than they have at the start: those of a stream die at once or stay, and room to die in
 * is only memory. It matters most to processes that pass bytes on. Buffers hold theirs outside of the heap and are freed
 * when their objects are collected; with the usual 16 MB for young objects, that is so seldom that V8 takes to full
 * collections instead. V8 takes this flag while it runs, unlike those for sizes.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Lets old objects, and buffers with them, double before they are collected. By itself V8 lets a heap grow by a third only
 * once it has been idle for a moment, and a stream of buffers then has it collect everything several times a second.
 */
export function letHeapDouble(): void {
  setFlagsFromString('--heap-growing-percent=100');
}

/**
 * Keeps the heap of a process near what it holds, where V8 would take several times that on a machine with memory to
 * spare: old objects too are collected as soon as they have grown by half.
 */
export function keepHeapLean(): void {
  keepYoungGenerationSmall();
  setFlagsFromString('--heap-growing-percent=50');
}

/**
 * Collects young objects each time that so many bytes have come in buffers of their own. What a socket reads does, 64 KB
 * at a time, and is mostly done with at once; V8 leaves such buffers lying until they weigh enough for a full collection,
 * which takes some twenty times as long.
 * @returns what to tell of the bytes that came.
 */
export function collectYoungEvery(bytes: number): (came: number) => void {
  setFlagsFromString('--expose-gc');
  // Only contexts that are made from now on have it.
  const collect: (options: { type: 'minor' }) => void = runInNewContext('gc');
  let since = 0;
  return (came) => {
    since += came;
    if (since < bytes) return;
    since = 0;
    collect({ type: 'minor' });
  };
}
