import { formatCount } from './format.ts';

export type Language = 'zh' | 'en';

/** Every word of the view; the same term for the same thing as on the page and in the logs. */
export interface Texts {
  live: string;
  connecting: string;
  reconnecting: string;
  stopping: string;
  failed: string;
  stalled: (since: string) => string;
  delay: string;
  pipeline: string;
  unknown: string;
  today: string;
  values: string;
  produce: string;
  aggregate: string;
  sink: string;
  serve: string;
  broker: string;
  embedded: string;
  paused: string;
  done: string;
  rows: (count: number) => string;
  eta: string;
  rejected: string;
  windows: string;
  lag: string;
  late: string;
  watermark: string;
  clients: (count: number) => string;
  max: string;
  log: string;
  logEmpty: string;
  keys: {
    quit: string;
    interrupt: string;
    pause: string;
    resume: string;
    rate: string;
    pipeline: string;
    open: string;
    log: string;
    help: string;
    close: string;
  };
  help: {
    keys: string;
    terms: string;
    lines: readonly (readonly [key: string, text: string])[];
    words: readonly (readonly [term: string, text: string])[];
  };
  states: {
    tooSmall: (size: string, least: string) => readonly [sentence: string, short: string];
    starting: readonly [what: string, todo: string];
    connecting: (address: string) => readonly [what: string, todo: string];
    empty: (topic: string) => readonly [what: string, todo: string];
    waiting: readonly [what: string, todo: string];
    paused: readonly [what: string, todo: string];
    nothing: readonly [what: string, todo: string];
    noPipeline: readonly [what: string, todo: string];
    failed: readonly [what: string, todo: string];
    stopping: readonly [what: string, todo: string];
  };
}

const en: Texts = {
  live: 'live',
  connecting: 'connecting',
  reconnecting: 'reconnecting',
  stopping: 'stopping',
  failed: 'failed',
  stalled: (since) => `no window for ${since}`,
  delay: 'delay',
  pipeline: 'pipeline',
  unknown: 'unknown',
  today: 'today',
  values: 'values',
  produce: 'produce',
  aggregate: 'aggregate',
  sink: 'sink',
  serve: 'serve',
  broker: 'broker',
  embedded: 'embedded',
  paused: 'paused',
  done: 'done',
  rows: (count) => `${formatCount(count)} ${count === 1 ? 'row' : 'rows'}`,
  eta: 'ETA',
  rejected: 'rejected',
  windows: 'windows',
  lag: 'lag',
  late: 'late',
  watermark: 'watermark',
  clients: (count) => `${formatCount(count)} ${count === 1 ? 'client' : 'clients'}`,
  max: 'max',
  log: 'log',
  logEmpty: 'nothing has been logged yet',
  keys: {
    quit: 'quit',
    interrupt: 'quit',
    pause: 'pause',
    resume: 'resume',
    rate: 'rate',
    pipeline: 'pipeline',
    open: 'open page',
    log: 'log',
    help: 'help',
    close: 'close',
  },
  help: {
    keys: 'Keys',
    terms: 'Terms',
    lines: [
      ['q', 'quit: finish the open windows, store them, stop; a second time stops at once'],
      ['space', 'pause or resume the replay of rows'],
      ['+ -', 'more or fewer rows per second'],
      ['tab 1–9', 'another pipeline; shift-tab goes back'],
      ['o', 'open the web page'],
      ['l', 'show or hide the log'],
      ['?', 'this help; any key closes it'],
    ],
    words: [
      ['window', 'a length of time whose records are counted together'],
      ['watermark', 'how far event time has come: a window closes when it is passed'],
      ['late', 'records that came after their window could still be corrected'],
      ['lag', 'records that are in the topic and not counted yet'],
      ['delay', 'time from the end of a window to its counts on this screen'],
      ['rejected', 'rows of the file that could not be read'],
    ],
  },
  states: {
    tooSmall: (size, least) => [`${size} is too small: needs ${least}`, `needs ${least}`],
    starting: ['starting', 'the first window shows here a second after the first row'],
    connecting: (address) => [`connecting to the broker at ${address}`, 'the view begins as soon as it answers'],
    empty: (topic) => [
      `no window yet: nothing has come through topic ${topic}`,
      'send rows with: dashctl produce data/user_log.csv',
    ],
    waiting: ['the first window is open', 'it shows here as soon as it closes'],
    paused: ['paused before the first window', 'press space to resume'],
    nothing: ['all rows were read and no window has closed yet', 'if rejected is not 0, the log (l) names their lines'],
    noPipeline: ['no pipeline to show', 'choose one with: --pipeline gender'],
    failed: ['a stage has failed', 'press l for the log, q to quit'],
    stopping: ['stopping', 'open windows are finished and stored; q again stops at once'],
  },
};

const zh: Texts = {
  live: '实时',
  connecting: '连接中',
  reconnecting: '重新连接',
  stopping: '正在停止',
  failed: '失败',
  stalled: (since) => `${since} 无新窗口`,
  delay: '延迟',
  pipeline: '流水线',
  unknown: '未知',
  today: '今日',
  values: '取值',
  produce: '读取',
  aggregate: '计数',
  sink: '入库',
  serve: '网页',
  broker: 'broker',
  embedded: '内置',
  paused: '已暂停',
  done: '已完成',
  rows: (count) => `${formatCount(count)} 行`,
  eta: '剩余',
  rejected: '拒收',
  windows: '窗口',
  lag: '积压',
  late: '迟到',
  watermark: '水位线',
  clients: (count) => `${formatCount(count)} 个客户端`,
  max: '最快',
  log: '日志',
  logEmpty: '还没有日志',
  keys: {
    quit: '退出',
    interrupt: '退出',
    pause: '暂停',
    resume: '继续',
    rate: '速率',
    pipeline: '流水线',
    open: '打开网页',
    log: '日志',
    help: '帮助',
    close: '关闭',
  },
  help: {
    keys: '按键',
    terms: '术语',
    lines: [
      ['q', '退出：完成未关闭的窗口、入库、停止；再按一次立即停止'],
      ['空格', '暂停或继续回放'],
      ['+ -', '提高或降低每秒行数'],
      ['tab 1–9', '切换流水线；shift-tab 向回切换'],
      ['o', '打开网页'],
      ['l', '显示或隐藏日志'],
      ['?', '本帮助；按任意键关闭'],
    ],
    words: [
      ['窗口', '一段时间，其中的记录一起计数'],
      ['水位线', '事件时间的进度：越过窗口末尾，窗口即关闭'],
      ['迟到', '到达时其窗口已不能再修正的记录'],
      ['积压', '已在主题中、尚未计数的记录'],
      ['延迟', '从窗口结束到计数显示在屏幕上的时间'],
      ['拒收', '文件中无法读取的行'],
    ],
  },
  states: {
    tooSmall: (size, least) => [`终端 ${size} 太小，至少 ${least}`, `至少 ${least}`],
    starting: ['正在启动', '第一行发出一秒后，这里显示第一个窗口'],
    connecting: (address) => [`正在连接 broker ${address}`, '连接成功后立即显示'],
    empty: (topic) => [`还没有窗口：主题 ${topic} 中没有记录`, '发送数据：dashctl produce data/user_log.csv'],
    waiting: ['第一个窗口还未关闭', '关闭后立即显示在这里'],
    paused: ['第一个窗口之前已暂停', '按空格继续'],
    nothing: ['所有行已读完，还没有窗口关闭', '如果拒收不为 0，日志（l）给出行号'],
    noPipeline: ['没有可显示的流水线', '选择一个：--pipeline gender'],
    failed: ['有一个阶段失败', '按 l 看日志，按 q 退出'],
    stopping: ['正在停止', '正在完成未关闭的窗口并入库；再按 q 立即停止'],
  },
};

export const texts: Readonly<Record<Language, Texts>> = { zh, en };
