// What a key may do. docs/openapi.yaml says which operation wants which scope.

/** Each includes `read`; `exports:all` includes `exports`, and `write` includes `import`. */
export const SCOPES = ['read', 'exports', 'exports:all', 'reid', 'review', 'import', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export const isScope = (text: string): text is Scope => (SCOPES as readonly string[]).includes(text);

/** Whether somebody with these scopes may do what wants one. */
export function isAllowed(held: readonly Scope[], wanted: Scope): boolean {
  if (held.includes(wanted)) return true;
  if (wanted === 'read') return held.length > 0;
  if (wanted === 'import') return held.includes('write');
  return wanted === 'exports' && held.includes('exports:all');
}
