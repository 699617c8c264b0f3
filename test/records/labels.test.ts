import { expect, test } from 'vitest';
import { labelOf, namesakes, sameNamed } from '../../src/records/labels.ts';

const old = { zh: '≥50', en: '≥50' };
const labels = { 7: old, 1: { zh: '<18', en: '<18' }, 8: { ...old }, 9: { zh: '五十', en: '≥50' } };

test('values are one when they are called the same in both languages, in the order of the labels', () => {
  expect(namesakes(labels)).toEqual([
    { values: ['1'], label: labels[1] },
    { values: ['7', '8'], label: old },
    { values: ['9'], label: labels[9] },
  ]);
  expect(namesakes({})).toEqual([]);
});

test('in one language, values are one that are called the same in it', () => {
  expect(namesakes(labels, ({ en }) => en).map(({ values }) => values)).toEqual([['1'], ['7', '8', '9']]);
});

test('a value stands with those called the same, and alone without a label', () => {
  expect(sameNamed(labels, '8')).toEqual(['7', '8']);
  expect(sameNamed(labels, '9')).toEqual(['9']);
  expect(sameNamed(labels, '2')).toEqual(['2']);
});

test('a value that every object has by birth has no label', () => {
  expect(labelOf(labels, '1')).toEqual({ zh: '<18', en: '<18' });
  expect(labelOf(labels, 'constructor')).toBeUndefined();
  expect(sameNamed(labels, 'constructor')).toEqual(['constructor']);
});
