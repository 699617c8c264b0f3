import type { BrokerContext, Call } from '../context.ts';
import { compileWriter } from '../protocol/codec.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { ProtocolError, type Reader } from '../protocol/reader.ts';
import { addOffsetsToTxn } from './add-offsets-to-txn.ts';
import { addPartitionsToTxn } from './add-partitions-to-txn.ts';
import { alterConfigs } from './alter-configs.ts';
import type { Answer, Api } from './api.ts';
import { advertisedRanges, apiVersionsResponse, createApiVersions } from './api-versions.ts';
import { createPartitions } from './create-partitions.ts';
import { createTopics } from './create-topics.ts';
import { deleteGroups } from './delete-groups.ts';
import { deleteRecords } from './delete-records.ts';
import { deleteTopics } from './delete-topics.ts';
import { describeCluster } from './describe-cluster.ts';
import { describeConfigs } from './describe-configs.ts';
import { describeGroups } from './describe-groups.ts';
import { describeLogDirs } from './describe-log-dirs.ts';
import { describeTransactions } from './describe-transactions.ts';
import { endTxn } from './end-txn.ts';
import { fetch } from './fetch.ts';
import { findCoordinator } from './find-coordinator.ts';
import { heartbeat } from './heartbeat.ts';
import { incrementalAlterConfigs } from './incremental-alter-configs.ts';
import { initProducerId } from './init-producer-id.ts';
import { joinGroup } from './join-group.ts';
import { leaveGroup } from './leave-group.ts';
import { listGroups } from './list-groups.ts';
import { listOffsets } from './list-offsets.ts';
import { listTransactions } from './list-transactions.ts';
import { metadata } from './metadata.ts';
import { offsetCommit } from './offset-commit.ts';
import { offsetDelete } from './offset-delete.ts';
import { offsetFetch } from './offset-fetch.ts';
import { offsetForLeaderEpoch } from './offset-for-leader-epoch.ts';
import { produce } from './produce.ts';
import { syncGroup } from './sync-group.ts';
import { txnOffsetCommit } from './txn-offset-commit.ts';

const apiVersions = createApiVersions(() => apis.values());

/** Every API that this broker has, by its key: the only list of them. */
export const apis: ReadonlyMap<number, Api> = new Map(
  [
    produce,
    fetch,
    listOffsets,
    metadata,
    offsetCommit,
    offsetFetch,
    findCoordinator,
    joinGroup,
    heartbeat,
    leaveGroup,
    syncGroup,
    describeGroups,
    listGroups,
    apiVersions,
    createTopics,
    deleteTopics,
    deleteRecords,
    initProducerId,
    offsetForLeaderEpoch,
    addPartitionsToTxn,
    addOffsetsToTxn,
    endTxn,
    txnOffsetCommit,
    describeConfigs,
    alterConfigs,
    describeLogDirs,
    createPartitions,
    deleteGroups,
    offsetDelete,
    incrementalAlterConfigs,
    describeCluster,
    describeTransactions,
    listTransactions,
  ].map((api): [number, Api] => [api.key, api]),
);

/** A request that a handler can be found for. */
export interface Route {
  /** Of the API. */
  readonly name: string;
  /** Whether the request's header ends with tags. */
  readonly hasRequestTags: boolean;
  /** Whether the response's header does. */
  readonly hasResponseTags: boolean;
  answer(context: BrokerContext, body: Reader, call: Call): Answer | Promise<Answer>;
}

const writeDowngrade = compileWriter(apiVersionsResponse, 0, false);

// An unknown version of ApiVersions is answered in the layout of version 0, so that a newer client can choose a known one.
const downgrade: Route = {
  name: apiVersions.name,
  hasRequestTags: false,
  hasResponseTags: false,
  answer: () => (writer) =>
    writeDowngrade(writer, { errorCode: errorCodes.unsupportedVersion, apiKeys: advertisedRanges(apis.values()) }),
};

/**
 * Finds what handles a version of an API.
 * @throws ProtocolError when nothing does: no answer can be framed that the client would understand.
 */
export function route(key: number, version: number): Route {
  const api = apis.get(key);
  if (!api) throw new ProtocolError(`API ${key} is not served`);
  const [first, last] = api.versions;
  if (version < first || version > last) {
    if (api === apiVersions) return downgrade;
    throw new ProtocolError(`version ${version} of ${api.name} is not served`);
  }
  const isFlexible = api.isFlexible(version);
  // ApiVersions is asked before the client knows what the broker can read, so its response header is always the old one.
  return {
    name: api.name,
    hasRequestTags: isFlexible,
    hasResponseTags: isFlexible && api !== apiVersions,
    answer: (context, body, call) => api.answer(context, body, call),
  };
}
