import { useMemo } from 'react';
import { useAnswer } from '../../state/ask.ts';
import { type ApiRoute, readOpenApi, tryAddress } from './openapi.ts';
import { Prose } from './prose.tsx';
import { Section } from './section.tsx';
import type { DocsWords } from './words.ts';

/** The routes of this server, from its own description. */
export function ApiSection({ t, pipeline }: { t: DocsWords; pipeline: string }) {
  const { answer, error } = useAnswer<unknown>('api/openapi.json');
  const routes = useMemo(() => readOpenApi(answer), [answer]);
  return (
    <Section id="api" t={t}>
      <p>
        <Prose text={t.api.intro} />
      </p>
      {routes?.toSorted(dataFirst).map((route) => (
        <Route key={`${route.method} ${route.path}`} route={route} t={t} pipeline={pipeline} />
      ))}
      {!routes && (
        <p className="docs-missing" role="status">
          {answer === undefined && !error ? t.api.loading : t.api.missing}
        </p>
      )}
    </Section>
  );
}

const dataFirst = (a: ApiRoute, b: ApiRoute) => Number(b.path.startsWith('/api/')) - Number(a.path.startsWith('/api/'));

function Route({ route, t, pipeline }: { route: ApiRoute; t: DocsWords; pipeline: string }) {
  const { method, path, summary, description, parameters, answers } = route;
  const [good, bad] = [true, false].map((wanted) => answers.filter(({ status }) => status.startsWith('2') === wanted));
  const own = t.api.routes[path];
  const address = tryAddress(route, { pipeline });
  return (
    <div className="docs-route">
      <h4>
        <code>
          <span className="docs-method">{method}</span> {path}
        </code>
        {address && (
          <a href={address} target="_blank" rel="noreferrer" aria-label={`${t.api.tryIt}: ${method} ${path}`}>
            {t.api.tryIt}
          </a>
        )}
      </h4>
      <p>
        <Said text={summary ?? description} own={own} />
      </p>
      {own === undefined && summary !== undefined && description !== undefined && (
        <p className="docs-missing">
          <Said text={description} own={undefined} />
        </p>
      )}
      {parameters.length > 0 && <Parameters route={route} t={t} />}
      {answers.length > 0 && (
        <p className="docs-answers">
          {t.api.answers}{' '}
          {good?.map(({ status, types }) => (
            <code key={status} data-good="true">
              {[status, ...types].join(' ')}
            </code>
          ))}
          {bad?.map(({ status, description: why }) => (
            <code key={status} title={why}>
              {status}
            </code>
          ))}
        </p>
      )}
    </div>
  );
}

function Parameters({ route, t }: { route: ApiRoute; t: DocsWords }) {
  return (
    <table className="docs-table">
      <caption data-seen={false}>{`${route.method} ${route.path}`}</caption>
      <thead>
        <tr>
          {[t.api.parameter, t.api.type, t.api.standard, t.api.meaning].map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {route.parameters.map(({ name, type, standard, required, description }) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
              {required && <small> {t.api.required}</small>}
            </th>
            <td className="docs-type">
              <code>{type}</code>
            </td>
            <td>{standard !== undefined && <code>{standard}</code>}</td>
            <td>
              <Said text={description} own={t.api.parameters[name]} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// The server describes itself in English; where the page has words of its own for the same, those are shown.
function Said({ text, own }: { text: string | undefined; own: string | undefined }) {
  if (own !== undefined) return <Prose text={own} />;
  return text === undefined ? null : (
    <span lang="en">
      <Prose text={text} />
    </span>
  );
}
