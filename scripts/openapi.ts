// npm run build:openapi: docs/openapi.yaml from the schemas.
import { writeFileSync } from 'node:fs';
import { openApiYaml } from './openapi/document.ts';

writeFileSync(new URL('../docs/openapi.yaml', import.meta.url), openApiYaml());
