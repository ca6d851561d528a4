// Uploads that are removed while their parts come in, that nobody goes on with, or that are begun
// twice.
import type { Files } from '../../lib/adapters/s3.ts';
import { beginUpload, keepPart, removeUpload, sweepUploads, UPLOAD_SECONDS } from '../../lib/exports/import/uploads.ts';

/** A bucket in memory; `onPut` runs before a part is kept, as another request would. */
function bucket(onPut: () => Promise<void> = async () => undefined) {
  const kept = new Map<string, Buffer>();
  const at = { now: 0 };
  const times = new Map<string, Date>();
  const files = {
    async *list(prefix: string) {
      for (const [key, { length }] of [...kept])
        if (key.startsWith(prefix)) yield { key, size: length, modified: times.get(key)! };
    },
    read: async (key: string) => kept.get(key),
    put: async (key: string, body: Buffer) => {
      if (!key.endsWith('.json')) await onPut();
      kept.set(key, body);
      times.set(key, new Date(at.now));
    },
    remove: async (keys: readonly string[]) => {
      for (const key of keys) kept.delete(key);
    },
  };
  return { kept, at, files: files as unknown as Files };
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

test('an upload is kept for a day after its last part, and then removed with all of them', async () => {
  const { kept, at, files } = bucket();
  const day = UPLOAD_SECONDS * 1_000;
  const left = await beginUpload(files, { name: 'left.zip', bytes: 10 }, undefined);
  const slow = await beginUpload(files, { name: 'slow.zip', bytes: 10 }, undefined);
  for (const upload of [left, slow]) await keepPart(files, upload, '1', Buffer.alloc(4));
  await files.put('exports/other.pdf', Buffer.alloc(1), { contentType: 'application/pdf' });
  at.now = day / 2;
  await keepPart(files, slow, '2', Buffer.alloc(4));
  expect([await sweepUploads(files, new Date(day)), kept.size]).toEqual([0, 6]);
  expect(await sweepUploads(files, new Date(day + 1))).toBe(1);
  const names = (id: string): string[] => ['upload.json', '1', '2'].map((name) => `uploads/${id}/${name}`);
  expect([...kept.keys()].sort()).toEqual(['exports/other.pdf', ...names(slow.id)].sort());
  expect(await sweepUploads(files, new Date(day * 1.5 + 1))).toBe(1);
  expect([...kept.keys()]).toEqual(['exports/other.pdf']);
});
