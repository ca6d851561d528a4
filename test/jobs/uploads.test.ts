// Uploads that are removed while their parts come in, and uploads that are begun twice.
import type { Files } from '../../lib/adapters/s3.ts';
import { beginUpload, keepPart, removeUpload } from '../../lib/exports/import/uploads.ts';

/** A bucket in memory; `onPut` runs before a part is kept, as another request would. */
function bucket(onPut: () => Promise<void> = async () => undefined) {
  const kept = new Map<string, Buffer>();
  const files = {
    async *list(prefix: string) {
      for (const [key, { length }] of [...kept])
        if (key.startsWith(prefix)) yield { key, size: length, modified: new Date(0) };
    },
    read: async (key: string) => kept.get(key),
    put: async (key: string, body: Buffer) => {
      if (!key.endsWith('.json')) await onPut();
      kept.set(key, body);
    },
    remove: async (keys: readonly string[]) => {
      for (const key of keys) kept.delete(key);
    },
  };
  return { kept, files: files as unknown as Files };
}

test('a part that comes in while its upload is removed does not stay behind', async () => {
  let id = '';
  const { kept, files } = bucket(() => removeUpload(files, id));
  const upload = await beginUpload(files, { name: 'a.zip', bytes: 10 }, undefined);
  id = upload.id;
  await expect(keepPart(files, upload, '1', Buffer.alloc(10))).rejects.toThrow('Upload not found or expired');
  expect([...kept.keys()]).toEqual([]);
});

test('a part that was kept just before is removed with the others', async () => {
  const { kept, files } = bucket();
  const upload = await beginUpload(files, { name: 'a.zip', bytes: 10 }, undefined);
  // Listed first, parts that came in afterwards would be forgotten.
  const remove = files.remove;
  let first = true;
  files.remove = async (keys) => {
    if (first) {
      first = false;
      await keepPart(files, upload, '2', Buffer.alloc(4));
    }
    await remove(keys);
  };
  await removeUpload(files, upload.id);
  expect([...kept.keys()]).toEqual([]);
});

test('begun again with its id, also when there is room for no other, it is the same upload', async () => {
  const { kept, files } = bucket();
  const uploads = [];
  for (let n = 0; n < 8; n++) uploads.push(await beginUpload(files, { name: `${n}.zip`, bytes: 10 }, undefined));
  const [first] = uploads;
  expect(await beginUpload(files, { name: '0.zip', bytes: 10 }, undefined, first!.id)).toEqual(first);
  expect(kept.size).toBe(8);
  await expect(beginUpload(files, { name: 'a.zip', bytes: 10 }, undefined)).rejects.toThrow('8 unfinished uploads');
});
