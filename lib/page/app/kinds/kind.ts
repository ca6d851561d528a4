// What the form of a new export knows of each kind.
import type { ComponentChildren } from 'preact';
import type { Broken } from '../../../contract.ts';
import type { Validate } from '../../../problems.ts';
import type { Problem } from '../base/api.ts';
import type { Draft } from '../base/draft.ts';

export interface OptionsProps {
  /** What is wrong, at the fields that show it. */
  shown: readonly Problem[];
}

export interface FormKind {
  schema: object;
  validate: Validate;
  rules: (body: Record<string, unknown>, today: string) => Broken[];
  /** Whether its numbers are grouped by time, and events counted. */
  isGrouped: boolean;
  toRequest: (draft: Draft) => Record<string, unknown>;
  Options: (props: OptionsProps) => ComponentChildren;
}
