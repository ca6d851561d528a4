// GET of any screen of the page.
import { openAccess, sessionSettings } from '../lib/clients.ts';
import { http } from '../lib/lambda/http.ts';
import { pageAnswer } from '../lib/page/page.ts';

export const handler = http({ access: openAccess, navigable: true }, ({ headers }) =>
  pageAnswer(sessionSettings().basePath, headers),
);
