import type { Label, Labels } from './labels.ts';
import type { ValueCondition } from './value-condition.ts';
import type { WindowLengths } from './window-shape.ts';

/** A pipeline is data: what is counted, from which topic, into which. */
export interface Pipeline extends WindowLengths {
  name: string;
  title: Label;
  /** Name of the CSV column whose cells are sent to the topic; without it, others write the topic. */
  column?: string;
  /** Only rows that meet these conditions are sent, written as `--where` has them: `action=2`. */
  whereRow?: readonly string[];
  /** Path to the field of a JSON value that is counted; without it, the whole value is the text that is counted. */
  field?: string;
  /** Only JSON values that meet all of these are counted. */
  whereValue?: readonly ValueCondition[];
  topic: string;
  resultTopic: string;
  /** Values without an entry are shown as they are. */
  labels: Labels;
  /** Values that mean "not known": counted like any other, left out of charts unless asked for. */
  unknown: string[];
}

/** A pipeline whose source records are cells of a CSV. */
export type CsvPipeline = Pipeline & { column: string };

/** Whether each row of a CSV is one record of the pipeline, so that its figures tell of the rows as a whole. */
export const takesEveryRow = ({ column, whereRow }: Pipeline): boolean => column !== undefined && !whereRow;

const provinces = {
  北京市: 'Beijing',
  天津市: 'Tianjin',
  上海市: 'Shanghai',
  重庆市: 'Chongqing',
  河北: 'Hebei',
  山西: 'Shanxi',
  辽宁: 'Liaoning',
  吉林: 'Jilin',
  黑龙江: 'Heilongjiang',
  江苏: 'Jiangsu',
  浙江: 'Zhejiang',
  安徽: 'Anhui',
  福建: 'Fujian',
  江西: 'Jiangxi',
  山东: 'Shandong',
  河南: 'Henan',
  湖北: 'Hubei',
  湖南: 'Hunan',
  广东: 'Guangdong',
  海南: 'Hainan',
  四川: 'Sichuan',
  贵州: 'Guizhou',
  云南: 'Yunnan',
  陕西: 'Shaanxi',
  甘肃: 'Gansu',
  青海: 'Qinghai',
  内蒙古: 'Inner Mongolia',
  广西: 'Guangxi',
  西藏: 'Tibet',
  宁夏: 'Ningxia',
  新疆: 'Xinjiang',
};

const age = (text: string): Label => ({ zh: text, en: text });

/** The pipelines of the two original systems and three more over the same file. */
export const builtInPipelines: readonly CsvPipeline[] = [
  {
    name: 'gender',
    title: { zh: '性别', en: 'Gender' },
    column: 'gender',
    topic: 'sex',
    resultTopic: 'result',
    window: 1_000,
    labels: { 0: { zh: '女生', en: 'Female' }, 1: { zh: '男生', en: 'Male' } },
    unknown: ['2', 'NULL', ''],
  },
  {
    name: 'category',
    title: { zh: '商品类别', en: 'Category' },
    column: 'cat_id',
    topic: 'category',
    resultTopic: 'category_results',
    window: 1_000,
    labels: {},
    unknown: ['NULL', ''],
  },
  {
    name: 'action',
    title: { zh: '行为', en: 'Action' },
    column: 'action',
    topic: 'action',
    resultTopic: 'action_results',
    window: 1_000,
    labels: {
      0: { zh: '点击', en: 'Click' },
      1: { zh: '加入购物车', en: 'Add to cart' },
      2: { zh: '购买', en: 'Buy' },
      3: { zh: '关注', en: 'Favourite' },
    },
    unknown: ['NULL', ''],
  },
  {
    name: 'age',
    title: { zh: '年龄', en: 'Age' },
    column: 'age_range',
    topic: 'age',
    resultTopic: 'age_results',
    window: 1_000,
    labels: {
      1: age('<18'),
      2: age('18–24'),
      3: age('25–29'),
      4: age('30–34'),
      5: age('35–39'),
      6: age('40–49'),
      7: age('≥50'),
      8: age('≥50'),
    },
    unknown: ['0', 'NULL', ''],
  },
  {
    name: 'province',
    title: { zh: '收货省份', en: 'Province' },
    column: 'province',
    topic: 'province',
    resultTopic: 'province_results',
    window: 1_000,
    labels: Object.fromEntries(Object.entries(provinces).map(([zh, en]) => [zh, { zh, en }])),
    unknown: ['NULL', ''],
  },
];
