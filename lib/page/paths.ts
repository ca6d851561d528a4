// The addresses of the page: every screen is reached by its own.

/** Listed one by one in serverless.yml too, so that all else is answered with 404. */
export const PAGE_PATHS = [
  '/',
  '/exports',
  '/exports/new',
  '/deer',
  '/deer/{deer_id}',
  '/reid',
  '/import',
  '/settings',
  '/survey',
  '/sign-in',
] as const;
