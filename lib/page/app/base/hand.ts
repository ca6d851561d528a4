// A hand that trembles, or a key that is held down, acts once.

/** What follows within this time is the same act, in ms. */
const AGAIN_MS = 600;
/** A pointer that moved less than this has not moved, in pixels. */
const NEAR = 12;

interface Act {
  done: Promise<void>;
  isUnderWay: boolean;
  /** When it was tried last. */
  at: number;
}
const acts = new Map<string, Act>();

/** Tried again while it is under way, or at once after it, it is the same act. */
export function once(name: string, act: () => Promise<void>): Promise<void> {
  const before = acts.get(name);
  if (before !== undefined && (before.isUnderWay || performance.now() - before.at < AGAIN_MS)) {
    before.at = performance.now();
    return before.done;
  }
  const begun: Act = { done: act(), isUnderWay: true, at: performance.now() };
  acts.set(name, begun);
  begun.done.then(
    () => Object.assign(begun, { isUnderWay: false, at: performance.now() }),
    () => acts.delete(name),
  );
  return begun.done;
}

let last: { at: number; x: number; y: number; part: Element | null } = { at: -AGAIN_MS, x: 0, y: 0, part: null };

/** A click on what has come under the pointer since the first click was not meant for it. */
function stopStray(event: MouseEvent): void {
  // Keys and scripts have no pointer.
  if (event.detail === 0) return;
  const { clientX: x, clientY: y, timeStamp: at } = event;
  const part = (event.target as Element).closest('button, a');
  const isAgain = at - last.at < AGAIN_MS && Math.hypot(x - last.x, y - last.y) < NEAR;
  const isStray = isAgain && part !== null && part !== last.part;
  last = { at, x, y, part: isAgain ? last.part : part };
  if (!isStray) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** For the whole page. */
export function steadyHands(): void {
  document.addEventListener('click', stopStray, true);
  document.addEventListener(
    'keydown',
    (event) => void (event.repeat && event.key === 'Enter' && event.preventDefault()),
    true,
  );
}
