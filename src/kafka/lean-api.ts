import type { Api } from './apis.ts';

interface LeanDefinition<Args extends object, Reply> {
  name: string;
  key: number;
  /** The one version that is written and read; brokers that lack it do not know the request. */
  version: number;
  /** The request after its header, which in flexible versions ends with tags: a zero byte that belongs here. */
  encode(args: Args): Buffer;
  decode(payload: Buffer): Reply;
}

/** A small request that kafkajs has no codec for, to be sent like those that it has. */
export const leanApi = <Args extends object, Reply>(definition: LeanDefinition<Args, Reply>): Api<Args, Reply> => ({
  name: definition.name,
  key: definition.key,
  prepare(versions, args) {
    const { name, key, version, encode, decode } = definition;
    const range = versions[key];
    if (!range || version < range.minVersion || version > range.maxVersion) {
      throw Object.assign(new Error(`the broker has no ${name} v${version}`), {
        name: 'KafkaJSServerDoesNotSupportApiKey',
      });
    }
    return {
      request: {
        apiKey: key,
        apiVersion: version,
        apiName: name,
        // The form in which kafkajs passes on what is encoded.
        encode: async () => {
          const buffer = encode(args);
          return { buf: buffer, buffer };
        },
      },
      decode: async (payload) => decode(payload),
      requestTimeout: null,
    };
  },
});
