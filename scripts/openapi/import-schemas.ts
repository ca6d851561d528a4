// What the service answers about uploads and imports.
import Type from 'typebox';

const closed = { additionalProperties: false };
const id = () => Type.String({ format: 'uuid', description: 'Id of the upload, a UUID of version 4.' });
const partBytes = () => Type.Integer({ minimum: 1, description: 'Bytes that a part may have at most.' });

export const importSchemas = {
  UploadBegun: Type.Object(
    {
      id: id(),
      part_bytes: partBytes(),
      parts_url: Type.String({ description: 'Path of what has arrived; also in the header Location.' }),
      expires_after_seconds: Type.Integer({ minimum: 1, description: 'Life of the upload after its last part.' }),
    },
    closed,
  ),
  UploadParts: Type.Object(
    {
      id: id(),
      name: Type.String(),
      bytes: Type.Integer({ minimum: 1, description: 'Of the whole file, as announced.' }),
      part_bytes: partBytes(),
      parts: Type.Array(Type.Object({ n: Type.Integer({ minimum: 0 }), bytes: Type.Integer({ minimum: 0 }) }, closed), {
        description: 'Those that are there, in order.',
      }),
    },
    closed,
  ),
} as const;
