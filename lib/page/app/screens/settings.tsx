// Who uses the page, and how the service is.

import { may, session, signOut } from '../base/session.ts';
import { t } from '../base/strings.ts';
import { Link, Loading, useGet } from '../parts/common.tsx';

const Docs = () => (
  <section>
    <h2>{t.settings.docs}</h2>
    <ul>
      {t.settings.docList.map((name) => (
        <li key={name}>
          <code>{name}</code>
        </li>
      ))}
    </ul>
  </section>
);

export function Settings() {
  const health = useGet<{ services?: Record<string, string> }>('health');
  const { key = '', owner, scopes = [], time_zone, version, keys_required } = session.value ?? {};
  const isLocal = keys_required === false || key === 'local';
  return (
    <>
      <h1 tabIndex={-1}>{t.settings.title}</h1>
      <section>
        <h2>{t.settings.who}</h2>
        {isLocal ? (
          <p>{t.settings.local}</p>
        ) : (
          <>
            <p>
              <span dir="auto">{owner}</span> ({key})
            </p>
            <p>
              {t.settings.scopes}: {scopes.join(', ')}
            </p>
            <button type="button" onClick={() => void signOut()}>
              {t.signIn.out}
            </button>
          </>
        )}
        <p class="quiet">{t.settings.keys}</p>
      </section>
      {may('import') && (
        <section>
          <h2>{t.settings.data}</h2>
          <p>
            <Link to="/import" class="button">
              {t.imports.act}
            </Link>
          </p>
        </section>
      )}
      <section>
        <h2>{t.settings.health}</h2>
        <Loading loaded={health}>
          {(body) => (
            <ul>
              {Object.entries(body.services ?? {}).map(([name, state]) => (
                <li key={name}>
                  {name}: {state}
                </li>
              ))}
            </ul>
          )}
        </Loading>
        <dl>
          <dt>{t.settings.clock}</dt>
          <dd>{time_zone ?? '-'}</dd>
          <dt>{t.settings.version}</dt>
          <dd>{version ?? '-'}</dd>
        </dl>
      </section>
      <Docs />
    </>
  );
}
