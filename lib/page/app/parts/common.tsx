// Parts that several screens use.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { get, Refusal } from '../base/api.ts';
import { jobs, jobsRefusal, loadJobs } from '../base/jobs.ts';
import { href } from '../base/router.ts';
import { needsKey } from '../base/session.ts';
import { t } from '../base/strings.ts';

export const Link = ({ to, children, ...rest }: { to: string; children: ComponentChildren; class?: string }) => (
  <a href={href(to)} data-screen={to} {...rest}>
    {children}
  </a>
);

const Notice = ({ children, act }: { children: ComponentChildren; act?: (() => void) | undefined }) => (
  <div class="notice" role="alert">
    {children}
    {act && (
      <button type="button" onClick={act}>
        {t.again}
      </button>
    )}
  </div>
);

interface Loaded<Body> {
  body: Body | undefined;
  refusal: Refusal | undefined;
  again: () => void;
}

/** What a GET answers; asked again when somebody signs in, and by `again`. */
export function useGet<Body>(path: string): Loaded<Body> {
  const state = useSignal<{ path: string; body?: Body; refusal?: Refusal }>({ path });
  const turn = useSignal(0);
  const isStranger = needsKey.value;
  useEffect(() => {
    if (isStranger) return undefined;
    const ended = new AbortController();
    get<Body>(path, ended.signal).then(
      (body) => {
        state.value = { path, body };
      },
      (error: unknown) => {
        if (error instanceof Refusal) state.value = { path, refusal: error };
      },
    );
    return () => ended.abort();
  }, [path, turn.value, isStranger]);
  const { value } = state;
  const isOurs = value.path === path;
  const again = (): void => {
    turn.value += 1;
  };
  return { body: isOurs ? value.body : undefined, refusal: isOurs ? value.refusal : undefined, again };
}

/** What is loaded, or what to do when it is not. */
export function Loading<Body>({
  loaded,
  children,
}: {
  loaded: Loaded<Body>;
  children: (body: Body) => ComponentChildren;
}) {
  const { body, refusal, again } = loaded;
  if (body !== undefined) return <>{children(body)}</>;
  if (refusal !== undefined)
    return (
      <Notice act={again}>
        <p>
          {t.cannotShow}: {refusal.message}
        </p>
      </Notice>
    );
  return (
    <p class="quiet" role="status">
      {t.loading}
    </p>
  );
}

/** Of lists of jobs: that there are none, or why that is not known. */
export function JobsState({ isEmpty, none }: { isEmpty: boolean; none: string }) {
  if (jobs.value !== undefined) return isEmpty ? <p class="quiet">{none}</p> : null;
  const again = (): void => void loadJobs().catch(() => undefined);
  return <Loading loaded={{ body: undefined, refusal: jobsRefusal.value, again }}>{() => null}</Loading>;
}

/** What is loaded besides: nothing is said of it unless it is refused. */
export const Refused = ({ loaded }: { loaded: Loaded<unknown> }) =>
  loaded.refusal === undefined ? null : <Loading loaded={loaded}>{() => null}</Loading>;

/** A picture of a detection, or that there is none. */
export function Crop({ id, alt, size = 320 }: { id: string | null | undefined; alt: string; size?: number }) {
  const isMissing = useSignal(false);
  if (id === null || id === undefined || isMissing.value) return <span class="crop missing">{t.deer.noPicture}</span>;
  return (
    <img
      class="crop"
      loading="lazy"
      decoding="async"
      src={`${href('/api/crops')}/${encodeURIComponent(id)}?size=${size}`}
      alt={alt}
      onError={() => {
        isMissing.value = true;
      }}
    />
  );
}

/** Rows behind a chart. */
interface TableProps {
  /** What it shows. */
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}
export const Table = ({ title, head, rows }: TableProps) => (
  <details>
    <summary>{t.table(title)}</summary>
    <section class="scroll" tabIndex={0} aria-label={title}>
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  </details>
);
