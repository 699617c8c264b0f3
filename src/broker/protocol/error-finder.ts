import type { SchemaNode } from './schema.ts';

type Find = (value: unknown, found: (errorCode: number) => void) => void;

/** Makes a function that calls back for each error code other than 0 in a response, wherever its schema has one. */
export function compileErrorFinder<T>(schema: SchemaNode): (response: T, found: (errorCode: number) => void) => void {
  return finderOf(schema) ?? (() => {});
}

// Undefined where there is nothing to find, so that record bytes and long lists are not walked for nothing.
function finderOf(node: SchemaNode): Find | undefined {
  if (node.kind === 'nullable') return finderOf(node.of);
  if (node.kind === 'array') {
    const find = finderOf(node.of);
    return (
      find &&
      ((value, found) => {
        if (Array.isArray(value)) for (const item of value) find(item, found);
      })
    );
  }
  if (node.kind !== 'struct') return undefined;
  const hasCode = node.fields.some(({ name, of }) => name === 'errorCode' && of.kind === 'int16');
  const inner = node.fields.flatMap(({ name, of }) => {
    const find = finderOf(of);
    return find ? [{ name, find }] : [];
  });
  if (!hasCode && inner.length === 0) return undefined;
  return (value, found) => {
    if (typeof value !== 'object' || value === null) return;
    const fields = value as Record<string, unknown>;
    if (hasCode && typeof fields.errorCode === 'number' && fields.errorCode !== 0) found(fields.errorCode);
    for (const { name, find } of inner) find(fields[name], found);
  };
}
