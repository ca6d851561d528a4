// Which screen is shown: by the address, which a link changes without a new page.
import { signal } from '@preact/signals';
import { base } from './api.ts';

/** Below the service: `/exports/new`. */
const readPath = (): string => {
  const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length - 1) : '/';
  return path.length > 1 ? path.replace(/\/$/, '') : '/';
};

export const path = signal(readPath());
addEventListener('popstate', () => {
  path.value = readPath();
});

/** The address of a screen. */
export const href = (screen: string): string => `${base.slice(0, -1)}${screen}`;

export function go(screen: string): void {
  history.pushState(null, '', href(screen));
  path.value = readPath();
  scrollTo(0, 0);
}

/** A click on a link of the page; modified clicks are the browser's. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest?.('a');
  if (link === null || link === undefined || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target || link.hasAttribute('download'))
    return;
  if (link.origin !== location.origin || link.dataset.screen === undefined) return;
  event.preventDefault();
  go(link.dataset.screen);
}
