import type { DescribedPartition, TopicDescription, TopicSummary } from '../../kafka/describe-topics.ts';
import type { TopicGroup } from '../../kafka/group-lag.ts';
import { formatBytes } from '../../tui/format.ts';
import { grouped } from '../shared/progress-line.ts';
import { type TableColumn, textTable } from '../shared/text-table.ts';

/** Records between the offsets; null while a partition has no leader to ask. */
const recordsIn = ({ earliest, high }: DescribedPartition): number | null =>
  earliest === undefined || high === undefined ? null : high - earliest;

const sum = (values: readonly (number | null | undefined)[]): number | null =>
  values.reduce<number | null>((total, value) => (total === null || value == null ? null : total + value), 0);

/** What a topic amounts to over its partitions. `undefined` is what no broker told, null what cannot be said. */
function figuresOf({ name, partitions }: TopicSummary) {
  const sizes = partitions.map(({ sizeBytes }) => sizeBytes);
  const times = partitions.flatMap(({ lastTime }) => (lastTime == null ? [] : [lastTime]));
  return {
    topic: name,
    partitions: partitions.length,
    records: sum(partitions.map(recordsIn)),
    sizeBytes: sizes.every((size) => size === undefined) ? undefined : sum(sizes),
    lastTime: partitions.every(({ lastTime }) => lastTime === undefined)
      ? undefined
      : times.length > 0
        ? times.reduce((a, b) => Math.max(a, b))
        : null,
  };
}

/** How far a group is behind in each partition that it has committed in. */
function lagsOf({ committed }: TopicGroup, partitions: readonly DescribedPartition[]) {
  return partitions.flatMap(({ partition, high }) => {
    const offset = committed.get(partition);
    if (offset === undefined) return [];
    return [
      { partition, committed: offset, end: high ?? null, lag: high === undefined ? null : Math.max(0, high - offset) },
    ];
  });
}

/** One JSON document: what a line of the list says. Times are ISO 8601. */
export function summaryJson(summary: TopicSummary) {
  const { lastTime, ...figures } = figuresOf(summary);
  return { ...figures, lastRecord: lastTime == null ? lastTime : new Date(lastTime).toISOString() };
}

/** One JSON document with all that is known of a topic. */
export const descriptionJson = (description: TopicDescription) => ({
  ...summaryJson(description),
  partitions: description.partitions.map((partition) => ({
    partition: partition.partition,
    leader: partition.leader,
    earliest: partition.earliest ?? null,
    end: partition.high ?? null,
    records: recordsIn(partition),
    sizeBytes: partition.sizeBytes,
    lastRecord: partition.lastTime == null ? partition.lastTime : new Date(partition.lastTime).toISOString(),
  })),
  configs: description.configs,
  groups: description.groups.map((group) => {
    const partitions = lagsOf(group, description.partitions);
    const { groupId, state, members } = group;
    return { group: groupId, state, members, lag: sum(partitions.map(({ lag }) => lag)), partitions };
  }),
});

const count = (value: number | null | undefined) => (value == null ? '?' : grouped(value));

/** `2026-11-21 07:00:12` in the time zone of the reader. */
function localTime(time: number | null | undefined): string {
  if (time == null) return '-';
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const sizeText = (bytes: number | null | undefined) => (bytes == null ? '?' : formatBytes(bytes));

/** A table of topics; `width` in terminal cells. */
export function topicsTable(topics: readonly TopicSummary[], width?: number): string {
  const all = topics.map(figuresOf);
  return optionalTable(
    [
      [{ title: 'TOPIC' }, all.map(({ topic }) => topic)],
      [{ title: 'PARTITIONS', align: 'right', weight: 1 }, all.map(({ partitions }) => grouped(partitions))],
      [{ title: 'RECORDS', align: 'right' }, all.map(({ records }) => count(records))],
      all.some(({ sizeBytes }) => sizeBytes !== undefined) && [
        { title: 'SIZE', align: 'right', weight: 3 },
        all.map(({ sizeBytes }) => sizeText(sizeBytes)),
      ],
      all.some(({ lastTime }) => lastTime !== undefined) && [
        { title: 'LAST RECORD', weight: 2 },
        all.map(({ lastTime }) => localTime(lastTime)),
      ],
    ],
    width,
  );
}

/** All that is known of a topic, in tables under each other. */
export function descriptionText(description: TopicDescription, width?: number): string {
  const { partitions, configs, groups } = description;
  const { records, sizeBytes } = figuresOf(description);
  const counted = partitions.length === 1 ? '1 partition' : `${partitions.length} partitions`;
  const size = sizeBytes === undefined ? '' : `, ${sizeText(sizeBytes)}`;
  const blocks = [
    `${description.name}: ${counted}, ${count(records)} records${size}\n`,
    partitionsTable(partitions, width),
    configs.length === 0
      ? 'Settings: all as by default.\n'
      : textTable(
          [{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'SET BY', weight: 1 }],
          configs.map(({ name, value, setBy }) => [name, value, setBy]),
          width,
        ),
    groups.length === 0 ? 'No group has committed offsets here.\n' : groupsTable(groups, partitions, width),
  ];
  return blocks.join('\n');
}

function partitionsTable(partitions: readonly DescribedPartition[], width: number | undefined): string {
  return optionalTable(
    [
      [{ title: 'PARTITION', align: 'right' }, partitions.map(({ partition }) => String(partition))],
      [
        { title: 'LEADER', align: 'right', weight: 1 },
        partitions.map(({ leader }) => (leader < 0 ? 'none' : String(leader))),
      ],
      [{ title: 'EARLIEST', align: 'right', weight: 3 }, partitions.map(({ earliest }) => count(earliest))],
      [{ title: 'END', align: 'right', weight: 4 }, partitions.map(({ high }) => count(high))],
      [{ title: 'RECORDS', align: 'right' }, partitions.map((partition) => count(recordsIn(partition)))],
      partitions.some(({ sizeBytes }) => sizeBytes !== undefined) && [
        { title: 'SIZE', align: 'right', weight: 5 },
        partitions.map(({ sizeBytes }) => sizeText(sizeBytes)),
      ],
      partitions.some(({ lastTime }) => lastTime !== undefined) && [
        { title: 'LAST RECORD', weight: 2 },
        partitions.map(({ lastTime }) => localTime(lastTime)),
      ],
    ],
    width,
  );
}

function groupsTable(
  groups: readonly TopicGroup[],
  partitions: readonly DescribedPartition[],
  width: number | undefined,
): string {
  const rows = groups.flatMap((group) =>
    lagsOf(group, partitions).map(({ partition, committed, end, lag }) => [
      group.groupId,
      group.state || '-',
      grouped(group.members),
      String(partition),
      count(committed),
      count(end),
      count(lag),
    ]),
  );
  return textTable(
    [
      { title: 'GROUP' },
      { title: 'STATE', weight: 3 },
      { title: 'MEMBERS', align: 'right', weight: 2 },
      { title: 'PARTITION', align: 'right' },
      { title: 'COMMITTED', align: 'right', weight: 4 },
      { title: 'END', align: 'right', weight: 1 },
      { title: 'LAG', align: 'right' },
    ],
    rows,
    width,
  );
}

/** A table from columns, of which those that are false are not there. */
function optionalTable(
  columns: readonly (readonly [TableColumn, readonly string[]] | false)[],
  width?: number,
): string {
  const there = columns.filter((column) => column !== false);
  const [first] = there;
  const rows = (first?.[1] ?? []).map((_, row) => there.map(([, cells]) => cells[row] ?? ''));
  return textTable(
    there.map(([column]) => column),
    rows,
    width,
  );
}
