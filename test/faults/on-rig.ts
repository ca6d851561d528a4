// The rig that the tests of a file share: opened once, since its engines and warm processes cost
// more than most faults.
import { type EngineKind, openRig, type Rig } from './rig.ts';

/** The innermost that useRig() has opened. */
export let rig: Rig;

/** For all tests of this file, or of this `describe`. */
export function useRig(engine: EngineKind): void {
  let outer: Rig | undefined;
  beforeAll(async () => {
    outer = rig;
    rig = await openRig(engine);
  }, 60_000);
  afterEach(() => rig.calm());
  afterAll(async () => {
    await rig?.close();
    if (outer === undefined) return;
    rig = outer;
    Object.assign(process.env, rig.services.environment);
  }, 60_000);
}
