// What may be asked of uploads and imports: how an upload begins, what its start may say, and what
// the message of the job holds.
import Type, { type Static } from 'typebox';
import type { Contract } from '../../contract.ts';
import type { RequestContract } from '../shared/kind.ts';
import { closed, flag } from '../shared/request.ts';
import type { importKind } from './kind.ts';

/** 2 GiB. */
const LARGEST_UPLOAD = 2 * 1024 * 1024 * 1024;

const size = Type.Integer({
  minimum: 1,
  maximum: LARGEST_UPLOAD,
  expected: 'a whole number of bytes from 1 to 2147483648 (2 GiB)',
});
const name = Type.String({ minLength: 1, maxLength: 200, expected: 'a file name of 1 to 200 characters' });

const Upload = Type.Object({ name, bytes: size }, closed);
export type UploadRequest = Static<typeof Upload>;
/** POST /api/imports */
export const uploadContract: Contract<UploadRequest> = { schema: Upload };

const Start = Type.Object({ skip_invalid: flag(false) }, closed);
/** POST /api/imports/{id} */
export const startContract: Contract<Static<typeof Start>> = { schema: Start };

const Body = Type.Object(
  {
    upload_id: Type.String({ minLength: 1, expected: 'the id of an upload' }),
    name,
    bytes: size,
    skip_invalid: flag(false),
  },
  closed,
);
export type ImportRequest = Static<typeof Body>;

export const importContract: RequestContract<typeof importKind.kind, ImportRequest> = {
  kind: 'import',
  schema: Body,
  description: 'An import of a package that was uploaded.',
  examples: { herd: { upload_id: '0f8f5f0e-5a3b-4c8e-9d51-6b1f0a2c7d11', name: 'package.zip', bytes: 1_024 } },
};
