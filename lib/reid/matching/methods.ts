// The fixed list of methods of matching that are compared, from what operation does to what finds
// most deer. Each adds one thing to the one before it.

export const METHOD_NAMES = ['now', 'burst', 'centered', 'templates3', 'templates5'] as const;
export type MethodName = (typeof METHOD_NAMES)[number];

export interface Method {
  name: MethodName;
  /** For people. */
  label: string;
  /** One vector for a whole burst, on both sides; else the best of its detections. */
  averaged: boolean;
  /** The mean of all detections is taken off first. */
  centered: boolean;
  /** The most events that a profile is made from, its source among them; 0: its source alone. */
  templates: 0 | 3 | 5;
}

export const METHODS: readonly Method[] = [
  {
    name: 'now',
    label: 'as now: one picture a deer, best of the burst',
    averaged: false,
    centered: false,
    templates: 0,
  },
  { name: 'burst', label: 'burst mean', averaged: true, centered: false, templates: 0 },
  { name: 'centered', label: 'burst mean + centered', averaged: true, centered: true, templates: 0 },
  { name: 'templates3', label: 'burst mean + centered + 3 templates', averaged: true, centered: true, templates: 3 },
  { name: 'templates5', label: 'burst mean + centered + 5 templates', averaged: true, centered: true, templates: 5 },
];

/** What is used where there is too little evidence to choose by: decided before any data. */
export const FIXED_METHOD: MethodName = 'centered';

export const findMethod = (name: MethodName): Method => METHODS.find((method) => method.name === name)!;
