// The page: its frame, and the screen of the address.
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { get, isReached, Refusal } from './base/api.ts';
import { steadyHands } from './base/hand.ts';
import { followJobs, loadJobs } from './base/jobs.ts';
import { follow, go, href, path } from './base/router.ts';
import { loadSession, needsKey, session } from './base/session.ts';
import { t } from './base/strings.ts';
import { Link } from './parts/common.tsx';
import { AllDeer, OneDeer } from './screens/deer.tsx';
import { Exports } from './screens/exports.tsx';
import { Import } from './screens/import.tsx';
import { NewExport } from './screens/new-export.tsx';
import { Overview } from './screens/overview.tsx';
import { Reid } from './screens/reid.tsx';
import { Settings } from './screens/settings.tsx';
import { SignIn } from './screens/sign-in.tsx';
import { Survey } from './screens/survey.tsx';

const SCREENS = {
  '/': { Screen: Overview, title: t.overview.title },
  '/exports': { Screen: Exports, title: t.exports.title },
  '/exports/new': { Screen: NewExport, title: t.form.title },
  '/deer': { Screen: AllDeer, title: t.deer.title },
  '/reid': { Screen: Reid, title: t.reid.title },
  '/survey': { Screen: Survey, title: t.survey.title },
  '/import': { Screen: Import, title: t.imports.title },
  '/settings': { Screen: Settings, title: t.settings.title },
} as const;
type ScreenPath = keyof typeof SCREENS;

const NAVIGATION: [ScreenPath, string][] = [
  ['/', t.nav.overview],
  ['/exports', t.nav.exports],
  ['/deer', t.nav.deer],
  ['/reid', t.nav.reid],
  ['/survey', t.nav.survey],
  ['/settings', t.nav.settings],
];

const isScreen = (name: string): name is ScreenPath => Object.hasOwn(SCREENS, name);

const readDeer = (name: string): string | undefined => /^\/deer\/([^/]+)$/.exec(name)?.[1];

function findTitle(name: string): string {
  if (isScreen(name)) return SCREENS[name].title;
  if (name === '/sign-in') return t.signIn.title;
  return readDeer(name) === undefined ? t.notHere : t.deer.single;
}

function Here() {
  const name = path.value;
  const deer = readDeer(name);
  if (deer !== undefined) return <OneDeer id={decodeURIComponent(deer)} />;
  if (isScreen(name)) {
    const { Screen } = SCREENS[name];
    return <Screen />;
  }
  if (name === '/sign-in')
    return needsKey.value ? null : (
      <>
        <h1 tabIndex={-1}>{t.signIn.title}</h1>
        <p>{t.signIn.notNeeded}</p>
        <p>
          <Link to="/">{t.toOverview}</Link>
        </p>
      </>
    );
  return (
    <>
      <h1 tabIndex={-1}>{t.notHere}</h1>
      <p>
        <Link to="/">{t.toOverview}</Link>
      </p>
    </>
  );
}

function Frame() {
  const name = path.value;
  const content = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${findTitle(name)} - ${t.product}`;
    // As after a new page: what is read next is the new screen.
    if (!isFirst.current) content.current?.querySelector<HTMLElement>('h1')?.focus();
    isFirst.current = false;
  }, [name]);
  const isStranger = needsKey.value;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it follows the links inside it
    // biome-ignore lint/a11y/useKeyWithClickEvents: a key that follows a link clicks it
    <div class="frame" onClick={follow}>
      <a class="skip" href="#content">
        {t.skip}
      </a>
      <header>
        <a class="brand" href={href('/')} data-screen="/">
          {t.product}
        </a>
        <nav aria-label={t.screens}>
          {NAVIGATION.map(([to, text]) => {
            const isHere = to === '/' ? name === '/' : name.startsWith(to);
            return (
              <a key={to} href={href(to)} data-screen={to} aria-current={isHere ? 'page' : undefined}>
                {text}
              </a>
            );
          })}
        </nav>
      </header>
      {!isReached.value && (
        <p class="notice" role="alert">
          {t.away}
        </p>
      )}
      <main id="content" ref={content} tabIndex={-1}>
        {isStranger && (
          <SignIn
            onDone={() => {
              void loadJobs().catch(() => undefined);
              if (path.value === '/sign-in') go('/');
            }}
          />
        )}
        {/* What was typed stays, out of reach, while a key is asked for. */}
        <div hidden={isStranger}>{(session.value !== undefined || !isStranger) && <Here />}</div>
      </main>
      {session.value?.time_zone !== undefined && <footer class="quiet">{t.zone(session.value.time_zone)}</footer>}
    </div>
  );
}

const LOOK_AGAIN_MS = 2_000;

/** Before it is known who uses the page. */
const NotYet = ({ reason }: { reason: unknown }) => (
  <div class="frame">
    <main id="content">
      <h1>{t.product}</h1>
      <p class="notice" role="alert">
        {reason instanceof Refusal && reason.status !== 0 ? `${t.cannotShow}: ${reason.message}. ${t.goesOn}` : t.away}
      </p>
    </main>
  </div>
);

async function start(): Promise<void> {
  steadyHands();
  for (;;) {
    try {
      await loadSession();
      break;
    } catch (reason) {
      render(<NotYet reason={reason} />, document.getElementById('app')!);
      await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
    }
  }
  render(<Frame />, document.getElementById('app')!);
  void followJobs();
  setInterval(() => {
    if (!isReached.value) void get('livez').catch(() => undefined);
  }, LOOK_AGAIN_MS);
}
void start();
