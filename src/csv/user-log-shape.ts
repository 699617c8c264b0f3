import { builtInPipelines } from '../records/pipelines.ts';

/** Values of a column and how often each comes, as whole numbers that need not add up to anything. */
export interface Weighted {
  values: readonly string[];
  weights: readonly number[];
}

const weighted = (entries: readonly (readonly [string, number])[]): Weighted => ({
  values: entries.map(([value]) => value),
  weights: entries.map(([, weight]) => weight),
});

/** Clicks, carts, purchases, favourites. */
export const actions = weighted([
  ['0', 880],
  ['1', 10],
  ['2', 60],
  ['3', 70],
]);

/** More women than men shop here; one in ten does not say. */
export const genders = weighted([
  ['0', 610],
  ['1', 290],
  ['2', 70],
  ['NULL', 30],
]);

export const ageRanges = weighted([
  ['0', 215],
  ['1', 2],
  ['2', 125],
  ['3', 265],
  ['4', 190],
  ['5', 97],
  ['6', 84],
  ['7', 14],
  ['8', 4],
  ['NULL', 4],
]);

// Inhabitants in millions, rounded. Each name is one that the province pipeline knows.
const inhabitants: Record<string, number> = {
  北京市: 22,
  天津市: 14,
  上海市: 25,
  重庆市: 32,
  河北: 75,
  山西: 35,
  辽宁: 43,
  吉林: 24,
  黑龙江: 32,
  江苏: 85,
  浙江: 65,
  安徽: 61,
  福建: 42,
  江西: 45,
  山东: 102,
  河南: 99,
  湖北: 58,
  湖南: 66,
  广东: 126,
  海南: 10,
  四川: 84,
  贵州: 39,
  云南: 47,
  陕西: 40,
  甘肃: 25,
  青海: 6,
  内蒙古: 24,
  广西: 50,
  西藏: 4,
  宁夏: 7,
  新疆: 26,
};

export const provinces = weighted(
  Object.keys(builtInPipelines.find(({ name }) => name === 'province')?.labels ?? {}).map((name) => [
    name,
    inhabitants[name] ?? 1,
  ]),
);

// Zipf's law, flattened at the top so that the first category does not drown the others.
const categoryCount = 1_600;
export const categoryWeights = Array.from({ length: categoryCount }, (_, rank) => Math.floor(10_000_000 / (rank + 8)));

/** `month,day` from 11 May to 11 November: slowly more shoppers, a rush before Double 11, and that day itself. */
export const days = weighted(
  Array.from({ length: 185 }, (_, index): [string, number] => {
    const [month, day] = dateOf(index);
    const left = 184 - index;
    const rush = left === 0 ? 9_000 : left <= 11 ? 60 * (12 - left) : 0;
    return [`${String(month).padStart(2, '0')},${String(day).padStart(2, '0')}`, 100 + index + rush];
  }),
);

/** The date that is `index` days after 11 May. */
function dateOf(index: number): [month: number, day: number] {
  const lengths = [31, 30, 31, 31, 30, 31, 30];
  let month = 5;
  let day = 11 + index;
  for (const length of lengths) {
    if (day <= length) break;
    day -= length;
    month += 1;
  }
  return [month, day];
}
