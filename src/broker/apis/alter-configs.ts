import { array, boolean, defaulting, int8, int16, int32, nullable, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';
import { alterConfig } from './config-resources.ts';

// AlterConfigs v0–2: replaces all that a topic sets. v2 is flexible. IncrementalAlterConfigs changes single values.
export const alterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexibleFrom: 2,
  request: struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(struct({ name: string, value: nullable(string) })),
      }),
    ),
    validateOnly: boolean,
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    responses: array(
      struct({ errorCode: int16, errorMessage: nullable(string), resourceType: int8, resourceName: string }),
    ),
  }),
  handle: (context, { resources, validateOnly }) => ({
    responses: resources.map(({ resourceType, resourceName, configs }) => {
      const set = configs.flatMap(({ name, value }) => (value === null ? [] : [[name, value]]));
      const change = () => Object.fromEntries(set);
      return {
        ...alterConfig(context, { resourceType, resourceName, change, validateOnly }),
        resourceType,
        resourceName,
      };
    }),
  }),
});
