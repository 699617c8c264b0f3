import { decodePosition, encodePosition } from './saved-position.ts';
import type { CommitPoint } from './topic-counts.ts';

/**
 * Several pipelines may count one topic, each with windows of its own, while Kafka keeps one commit per partition. Its
 * offset is the first that any of them needs; its metadata holds the position of each under its name. A pipeline that
 * is alone on its topic commits as it is, without a name.
 */
interface NamedPositions {
  pipelines: Record<string, PipelineCommit>;
}

/** What a pipeline would commit if it were alone on its topic. */
export type PipelineCommit = Pick<CommitPoint, 'offset' | 'metadata'>;

// Kafka takes 4,096 bytes; names and figures are ASCII.
const longestMetadata = 4_096;

/** What each pipeline has committed, by name. A commit without names is that of `first`. */
export function splitCommit(offset: number, metadata: string, first: string): Map<string, PipelineCommit> {
  const named = namedPositions(metadata);
  return new Map(named ? Object.entries(named.pipelines) : [[first, { offset, metadata }]]);
}

/**
 * The one commit of a partition.
 * @param points what each pipeline would commit by itself, by name; at least one.
 * @param others those of pipelines that do not count now: theirs stay as they are, while there is room.
 */
export function joinCommits(
  points: ReadonlyMap<string, CommitPoint>,
  others: ReadonlyMap<string, PipelineCommit>,
): CommitPoint {
  const [only] = points.values();
  if (only && points.size === 1 && others.size === 0) return only;
  const own = Object.fromEntries([...points].map(([name, { offset, metadata }]) => [name, { offset, metadata }]));
  const kept = Object.fromEntries(others);
  // A window whose revision is not known starts again at 1 when it is corrected; a position that is lost is counted anew.
  const forms: NamedPositions[] = [
    { pipelines: { ...kept, ...own } },
    { pipelines: { ...kept, ...withoutRevisions(own) } },
    { pipelines: withoutRevisions(own) },
  ];
  const texts = forms.map((form) => JSON.stringify(form));
  return {
    partition: only?.partition ?? 0,
    offset: Math.min(...[...points.values()].map(({ offset }) => offset)),
    metadata: texts.find((text) => text.length <= longestMetadata) ?? '',
  };
}

const withoutRevisions = (own: NamedPositions['pipelines']): NamedPositions['pipelines'] =>
  Object.fromEntries(
    Object.entries(own).map(([name, { offset, metadata }]) => [
      name,
      {
        offset,
        metadata: encodePosition({ ...decodePosition(offset, metadata), revisions: new Map(), dropped: [] }, 1),
      },
    ]),
  );

function namedPositions(metadata: string): NamedPositions | undefined {
  try {
    const parsed: unknown = JSON.parse(metadata);
    return isNamed(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isNamed = (value: unknown): value is NamedPositions =>
  isObject(value) &&
  isObject(value.pipelines) &&
  Object.values(value.pipelines).every(
    (saved) => isObject(saved) && Number.isSafeInteger(saved.offset) && typeof saved.metadata === 'string',
  );
