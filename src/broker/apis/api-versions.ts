import { errorCodes } from '../protocol/error-codes.ts';
import { array, int16, int32, since, string, struct } from '../protocol/schema.ts';
import { type Api, api } from './api.ts';

const softwareName = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

export const apiVersionsResponse = struct({
  errorCode: int16,
  apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
  throttleTimeMs: since(1, int32, 0),
});

/** ApiVersions v0–4, which tells clients what there is. v3 is flexible and says which software asks (KIP-511). */
export const createApiVersions = (all: () => Iterable<Api>) =>
  api({
    key: 18,
    name: 'ApiVersions',
    versions: [0, 4],
    flexibleFrom: 3,
    request: struct({ clientSoftwareName: since(3, string), clientSoftwareVersion: since(3, string) }),
    response: apiVersionsResponse,
    handle(_context, { clientSoftwareName, clientSoftwareVersion }, { version }) {
      const isNamed = softwareName.test(clientSoftwareName) && softwareName.test(clientSoftwareVersion);
      if (version >= 3 && !isNamed) return { errorCode: errorCodes.invalidRequest, apiKeys: [] };
      return { errorCode: 0, apiKeys: advertisedRanges(all()) };
    },
  });

/** The rows of an ApiVersions answer. */
export const advertisedRanges = (apis: Iterable<Api>) =>
  [...apis].map(({ key, advertised: [minVersion, maxVersion] }) => ({ apiKey: key, minVersion, maxVersion }));
