// What is asked for, held to the rules of the service before it is sent.
import { computed } from '@preact/signals';
import { findProblems } from '../../../problems.ts';
import type { Problem } from '../base/api.ts';
import { draft } from '../base/draft.ts';
import { session, today } from '../base/session.ts';
import { FIRST_KIND, findKind, KINDS } from './index.ts';

/** @param day where the cameras are, YYYY-MM-DD; @returns as POST would answer */
export const checkRequest = (kind: string, body: Record<string, unknown>, day: string): Problem[] =>
  findProblems(findKind(kind).validate, findKind(kind), structuredClone(body), day);

export const kindName = computed(() => (Object.hasOwn(KINDS, draft.value.kind) ? draft.value.kind : FIRST_KIND));

/** The request of the draft. */
export const request = computed(() => findKind(draft.value.kind).toRequest(draft.value));

/** What the service would refuse of it, in its words. */
export const problems = computed(() => {
  // The day changes with the session.
  void session.value;
  return checkRequest(draft.value.kind, request.value, today());
});
