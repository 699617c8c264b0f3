import type { BrokerContext, Call } from '../context.ts';
import { compileReader, compileWriter } from '../protocol/codec.ts';
import { compileErrorFinder } from '../protocol/error-finder.ts';
import type { Reader } from '../protocol/reader.ts';
import type { Decoded, Encodable, Schema } from '../protocol/schema.ts';
import type { Writer } from '../protocol/writer.ts';

/** The versions from the first to the last, both included. */
export type VersionRange = readonly [first: number, last: number];

interface Definition<Request extends Schema, Response extends Schema> {
  readonly key: number;
  readonly name: string;
  readonly versions: VersionRange;
  /** What ApiVersions says, where that must differ from what is served. */
  readonly advertised?: VersionRange;
  /** First version with compact lengths and tags; left out when there is none. */
  readonly flexibleFrom?: number;
  readonly request: Request;
  readonly response: Response;
  /** Answers a request, at once where it can. `null` sends nothing at all: Produce with acks 0. */
  handle(
    context: BrokerContext,
    request: Decoded<Request>,
    call: Call,
  ): Encodable<Response> | null | Promise<Encodable<Response> | null>;
}

/** An API as the router sees it, whatever its schemas. */
export interface Api {
  readonly key: number;
  readonly name: string;
  readonly versions: VersionRange;
  readonly advertised: VersionRange;
  readonly request: Schema;
  readonly response: Schema;
  isFlexible(version: number): boolean;
  /** Reads a body, handles it and gives the function that writes the answer; null when none is due. */
  answer(context: BrokerContext, body: Reader, call: Call): Answer | Promise<Answer>;
}

export type Answer = ((writer: Writer) => void) | null;

type TypedApi<Request extends Schema, Response extends Schema> = Api &
  Pick<Definition<Request, Response>, 'request' | 'response' | 'handle'>;

/**
 * One API of the protocol: its schemas and what it does. Request and response types follow from the schemas; readers and
 * writers are compiled once per version, when it is first asked for.
 */
export function api<const Request extends Schema, const Response extends Schema>(
  definition: Definition<Request, Response>,
): TypedApi<Request, Response> {
  const { versions, flexibleFrom = Number.POSITIVE_INFINITY } = definition;
  const isFlexible = (version: number) => version >= flexibleFrom;
  const compile = (version: number) => ({
    read: compileReader<Decoded<Request>, unknown>(
      definition.request as Schema<Decoded<Request>>,
      version,
      isFlexible(version),
    ),
    write: compileWriter<unknown, Encodable<Response>>(
      definition.response as Schema<unknown, Encodable<Response>>,
      version,
      isFlexible(version),
    ),
  });
  const findErrors = compileErrorFinder<Encodable<Response>>(definition.response.node);
  const codecs: ReturnType<typeof compile>[] = [];
  return {
    key: definition.key,
    name: definition.name,
    versions,
    advertised: definition.advertised ?? versions,
    request: definition.request,
    response: definition.response,
    handle: definition.handle,
    isFlexible,
    answer(context, body, call) {
      codecs[call.version] ??= compile(call.version);
      const { read, write } = codecs[call.version] ?? compile(call.version);
      const toAnswer = (response: Encodable<Response> | null): Answer => {
        if (response === null) return null;
        findErrors(response, (code) => context.metrics.of(definition.key, definition.name).failed(code));
        return (writer) => write(writer, response);
      };
      const response = definition.handle(context, read(body), call);
      return response instanceof Promise ? response.then(toAnswer) : toAnswer(response);
    },
  };
}
