// Pictures and observations come in as a package.
import { t } from '../base/strings.ts';
import { UploadPanel } from '../parts/upload.tsx';

export const Import = () => (
  <>
    <h1 tabIndex={-1}>{t.imports.title}</h1>
    <p>{t.imports.intro}</p>
    <UploadPanel />
  </>
);
