import { brokerId } from '../context.ts';
import { array, boolean, defaulting, int8, int16, int32, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';
import { unknownOperations } from './metadata.ts';

/** Brokers, as opposed to controllers. */
const brokerEndpoints = 1;

// DescribeCluster v0–1, flexible from the start. v1 tells brokers from controllers.
export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 1],
  flexibleFrom: 0,
  request: struct({ includeClusterAuthorizedOperations: boolean, endpointType: since(1, int8, brokerEndpoints) }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    errorCode: defaulting(int16, 0),
    errorMessage: defaulting(nullable(string), null),
    endpointType: since(1, int8, brokerEndpoints),
    clusterId: string,
    controllerId: int32,
    brokers: array(struct({ brokerId: int32, host: string, port: int32, rack: defaulting(nullable(string), null) })),
    clusterAuthorizedOperations: defaulting(int32, unknownOperations),
  }),
  handle: ({ clusterId, advertised }) => ({
    clusterId,
    controllerId: brokerId,
    brokers: [{ brokerId, ...advertised }],
  }),
});
