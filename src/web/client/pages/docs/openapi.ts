/** A parameter of a route, as a reader wants to know it. */
export interface ApiParameter {
  name: string;
  place: string;
  required: boolean;
  /** `integer`, `string`, or the values that it may have. */
  type: string;
  standard: string | undefined;
  description: string | undefined;
}

export interface ApiAnswer {
  status: string;
  description: string | undefined;
  types: readonly string[];
}

export interface ApiRoute {
  method: string;
  path: string;
  summary: string | undefined;
  description: string | undefined;
  parameters: readonly ApiParameter[];
  answers: readonly ApiAnswer[];
}

type Fields = Record<string, unknown>;

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * The routes that an OpenAPI document describes, in its order; undefined when it is none. What is missing or of another
 * form is left out, since the document is the server's and may be of another version than the page.
 */
export function readOpenApi(document: unknown): ApiRoute[] | undefined {
  if (!isFields(document) || !textOf(document.openapi)?.startsWith('3.') || !isFields(document.paths)) return undefined;
  const root = document;
  const resolve = (value: unknown, depth = 0): Fields => {
    const reference = textOf(fieldsOf(value).$ref);
    if (reference === undefined || depth > 8) return fieldsOf(value);
    const steps = reference.replace(/^#\//, '').split('/');
    const names = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    return resolve(
      names.reduce<unknown>((found, name) => fieldsOf(found)[name], root),
      depth + 1,
    );
  };
  return Object.entries(document.paths).flatMap(([path, item]) => {
    const operations = fieldsOf(item);
    return methods.flatMap((method) => {
      if (!isFields(operations[method])) return [];
      const operation = operations[method];
      const parameters = [...listOf(operations.parameters), ...listOf(operation.parameters)].map((entry) =>
        parameterOf(resolve(entry), resolve),
      );
      return {
        method: method.toUpperCase(),
        path,
        summary: textOf(operation.summary),
        description: textOf(operation.description),
        parameters: parameters.filter((parameter) => parameter !== undefined),
        answers: Object.entries(fieldsOf(operation.responses)).map(([status, answer]) =>
          answerOf(status, resolve(answer)),
        ),
      };
    });
  });
}

function parameterOf(entry: Fields, resolve: (value: unknown) => Fields): ApiParameter | undefined {
  const name = textOf(entry.name);
  if (name === undefined) return undefined;
  const schema = resolve(entry.schema);
  return {
    name,
    place: textOf(entry.in) ?? 'query',
    required: entry.required === true,
    type: typeOf(schema),
    standard: schema.default === undefined ? undefined : String(schema.default),
    description: textOf(entry.description) ?? textOf(schema.description),
  };
}

function typeOf(schema: Fields): string {
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(' | ');
  const types = typeof schema.type === 'string' ? [schema.type] : listOf(schema.type).map(String);
  const [least, most] = [schema.minimum, schema.maximum].map((limit) =>
    typeof limit === 'number' ? limit : undefined,
  );
  const range = least === undefined && most === undefined ? '' : ` ${least ?? ''}…${most ?? ''}`;
  return `${types.join(' | ') || 'string'}${range}`;
}

const answerOf = (status: string, answer: Fields): ApiAnswer => ({
  status,
  description: textOf(answer.description),
  types: Object.keys(fieldsOf(answer.content)),
});

/**
 * Where a reader can try a route, relative to the start page: a GET whose needed parameters are known by name.
 * Undefined for other routes, among them those that a browser cannot open by a link.
 */
export function tryAddress({ method, path, parameters }: ApiRoute, known: Record<string, string>): string | undefined {
  if (method !== 'GET' || path.includes('{') || path === '/ws') return undefined;
  const query = new URLSearchParams();
  for (const { name, place, required } of parameters) {
    if (!required) continue;
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    if (place !== 'query' || value === undefined) return undefined;
    query.set(name, value);
  }
  return `.${path}${query.size > 0 ? `?${query}` : ''}`;
}
