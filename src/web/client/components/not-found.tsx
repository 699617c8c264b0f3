import type { Navigation } from '../state/route.ts';
import { PageLink } from './page-link.tsx';
import { useSettings } from './settings.ts';

/** What stands at an address where there is no page. */
export function NotFound({ navigation }: { navigation: Navigation }) {
  const { t } = useSettings();
  return (
    <main className="screen screen-empty">
      <div className="notice">
        <div>
          <strong>{t.notFound}</strong>
          <p>{location.pathname}</p>
        </div>
        <PageLink page="screen" navigation={navigation} className="button">
          {t.toScreen}
        </PageLink>
      </div>
    </main>
  );
}
