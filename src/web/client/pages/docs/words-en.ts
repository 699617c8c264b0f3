import type { DocsWords } from './words.ts';

export const en: DocsWords = {
  title: 'Documentation',
  contents: 'Contents',
  sections: {
    pages: 'What is shown',
    terms: 'How to read it',
    flow: "The data's way",
    formats: 'Formats of the records',
    columns: 'Columns of the data',
    keys: 'Keyboard',
    use: 'The data elsewhere',
    api: 'API',
  },
  copy: 'Copy',
  copied: 'Copied',
  selected: 'Selected: press Ctrl+C',
  pagesIntro:
    'Each page is another look at the same windows, and its numbers change as new ones come in. The address holds the view: send it, and others see the same.',
  pages: {
    screen:
      'Women and men of the last window, the line of each second, totals, and how they are spread over actions, ages, categories and provinces. Unknown values are left out until “show” is pressed.',
    charts:
      'Any pipeline over any time: lines, areas, stacked bars or a pie, beside the time before it, saved as a picture or as CSV.',
    tables:
      'The counts of each window, or the totals of each value. The server sorts, filters and pages; the CSV holds all rows that match.',
    pipeline: 'Each stage that the data goes through: its rate, lag, watermark and errors.',
    docs: 'This page.',
  },
  line: 'The bottom line tells whether what is on the wall is complete: ✓ when what was read, counted and stored agrees. Records “in flight” are in windows that have not closed.',
  terms: [
    {
      name: 'Window',
      text: 'What was counted in a stretch of time, mostly a second, its end not included. Records belong to windows by their own time, whenever they are read.',
    },
    {
      name: 'Watermark',
      text: 'Records before it are taken to be complete. A window closes and comes out when the watermark passes its end. Without new records it goes on with the clock, so the last window comes out too.',
    },
    {
      name: 'Revision',
      text: '0 when a window first comes out. Late records correct it for 60 s, each time by one more; the new result takes the place of the old one, they are never added up.',
    },
    { name: 'Late', text: 'Records that came too late even for a correction: in no window, but counted and shown.' },
    {
      name: 'Lag',
      text: 'Records that are in the topic and have not been read. Where it grows, counting does not keep up.',
    },
    {
      name: 'Delay',
      text: 'From the end of the newest window to its publication; less than a second as a rule. For old data that is replayed it means nothing, and the page says “Replay”.',
    },
    {
      name: 'Rejected',
      text: 'Rows with too few columns or that cannot be decoded, and values that cannot be counted. They are passed over, counted and logged.',
    },
    {
      name: 'Unknown',
      text: 'Values that mean “not known”, such as `2` and `NULL` of gender. They are counted like others and left out of charts unless asked for.',
    },
  ],
  flowIntro:
    'Between stages there are Kafka topics and nothing else, so any stage can be swapped for the original one or moved to another machine.',
  flow: [
    { name: 'CSV', note: 'a row for each action of a shopper', by: 'produce' },
    { name: 'Source topic', note: 'a record for each row, its value the cell', by: 'aggregate' },
    { name: 'Windows', note: 'close when the watermark passes', by: 'aggregate' },
    { name: 'Result topic', note: 'a record for each window', by: 'sink / serve' },
    { name: 'Store and page', note: 'each window stored once' },
  ],
  flowOutro:
    'Counting is exactly once: results and progress are committed in one Kafka transaction. Kill a stage at any moment and start it again, and each revision of each window is there once. `dashctl verify` proves it, window by window.',
  source: {
    title: 'Source records',
    text: 'One for each row and pipeline: the value is the text of the cell as it is, there is no key, and the timestamp is the time of sending, or that of a time column where one is named.',
    example: 'Values of three source records',
  },
  result: {
    title: 'Result records',
    text: 'One for each window. The value is a JSON list with values in code-unit order, the unknown ones too: leaving out is up to the page.',
    ownWindow: (time) => `The newest window of this server (${time})`,
    sampleWindow: 'A made-up window, since this server has none yet',
    parts: {
      key: 'start and end of the window, epoch ms',
      value: 'the count of each value',
      timestamp: 'end of the window',
      headers: 'pipeline, start and end of the window, revision, late so far; all as decimal text',
    },
    part: 'Part',
    meaning: 'Meaning',
    object: 'The same window with `--result-format object`',
    replaces:
      'A later record with the same key takes the place of the earlier one. Records without headers, such as those of the original Spark job, are read too; their window follows from the timestamp.',
  },
  topics: {
    title: 'Pipelines',
    pipeline: 'Pipeline',
    column: 'Column',
    source: 'Source topic',
    result: 'Result topic',
    window: 'Window',
  },
  columnsIntro:
    '`user_log.csv` is a log of purchases in the six months up to 11 November: comma-separated, UTF-8, with or without a header row.',
  column: 'Column',
  meaning: 'Meaning',
  columns: {
    user_id: 'shopper',
    item_id: 'ware',
    cat_id: 'category of the ware',
    merchant_id: 'its seller',
    brand_id: 'its brand',
    month: 'two digits',
    day: 'two digits',
    action: 'what the shopper did, see below',
    age_range: 'age of the shopper, see below',
    gender: 'gender of the shopper, see below',
    province: 'where the ware goes to, in Chinese',
  },
  codes: (column) => `Codes of ${column}`,
  code: 'Code',
  unknown: 'unknown',
  empty: 'empty',
  rows: 'Another CSV or a topic that is there already works too: a pipeline is one entry of the config file and no code.',
  keysIntro: 'On every page, except while you type.',
  key: 'Key',
  does: 'Does',
  keys: [
    { keys: ['1', '2', '3', '4', '5'], text: 'big screen, charts, tables, pipeline, documentation' },
    { keys: ['Space'], text: 'pause; once more to catch up' },
    { keys: ['f'], text: 'full screen' },
    { keys: ['k'], text: 'kiosk: nothing but the big screen' },
    { keys: ['l'], text: 'language' },
    { keys: ['t'], text: 'dark or light' },
    { keys: ['u'], text: 'show or hide what is unknown' },
    { keys: ['?'], text: 'help on keys' },
  ],
  use: {
    http: {
      title: 'HTTP',
      text: 'Answers are JSON; `format=csv` makes them files. Times are epoch ms or ISO 8601, and counts are never averages. A server with a token wants `-H "Authorization: Bearer …"` as well.',
    },
    socket: {
      title: 'WebSocket',
      text: 'A snapshot first, then what changes. All that is told is absolute, so hearing it twice does no harm; who comes back with the last sequence number is told what was missed.',
    },
    files: { title: 'Files', text: 'Straight from the store without the server, however long the range is:' },
    metrics: {
      title: 'Prometheus',
      text: '`/metrics` tells counts and delays of the stages; `/healthz` and `/readyz` are for probes.',
    },
    topics: {
      title: 'Kafka',
      text: 'Any Kafka client can read the result topics; read committed records only (`read_committed`).',
    },
  },
  useExamples: {
    totals: 'Totals',
    minutes: 'Sums per minute, from the full hour before the last',
    csv: 'Windows, as a CSV file',
    socket: 'Each new window (browser or Node)',
    export: 'Windows of the last hour',
    prometheus: 'Scrape configuration',
    tail: 'Records of the result topic',
    kcat: 'With kcat',
  },
  message: 'Message',
  messages: [
    { name: 'snapshot', text: 'pipelines, their newest windows, totals, what the stages do, and a sequence number' },
    { name: 'update', text: 'windows that are new or corrected, totals that changed' },
    { name: 'status', text: 'what the stages do' },
    { name: 'heartbeat', text: 'every five seconds when there is nothing else to tell' },
  ],
  api: {
    intro: "Made from the server's own description, `/api/openapi.json`.",
    loading: 'Reading …',
    missing: 'This server does not describe its API.',
    tryIt: 'Try it',
    parameter: 'Parameter',
    type: 'Type',
    standard: 'Default',
    meaning: 'Meaning',
    required: 'needed',
    answers: 'Answers',
    routes: {},
    parameters: {},
  },
};
