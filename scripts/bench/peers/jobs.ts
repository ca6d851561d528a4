// Jobs of Hoofprint: crops against PIL, queued reports, and a report rendered alone.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../../lib/adapters/postgres.ts';
import type { Box } from '../../../lib/box.ts';
import { renderReport } from '../../../lib/exports/pdf/renderer.ts';
import { loadReport } from '../../../lib/exports/season/index.ts';
import { followExport } from '../../demo/client.ts';
import { median, repeat, SINGLE_DETECTIONS, SMALL, YEAR } from '../figures.ts';
import type { Effort } from './effort.ts';
import { startCropPeer } from './python.ts';
import { judge, type PeerRow } from './verdict.ts';

const silent = (): void => undefined;

/** @param withPeer PIL is there */
export async function archiveRow(
  url: string,
  database: Database,
  { folder, imageRoot, withPeer }: { folder: string; imageRoot: string; withPeer: boolean },
  effort: Effort,
): Promise<PeerRow> {
  const all = await database.read(({ rows }) =>
    rows<{ id: string; path: string; bbox: Box | null }>(
      `SELECT d.id::text AS id, i.path, d.bbox FROM detections d JOIN images i ON i.id = d.image_id
       WHERE d.id::text IN (${SINGLE_DETECTIONS}) ORDER BY i.timestamp`,
    ),
  );
  const cuts = all.slice(0, effort.crops);
  const archive = { detection_ids: cuts.map(({ id }) => id), crop_size: 300 };
  // The first run draws the frames.
  await followExport(url, 'zip', archive, silent);
  const file = join(folder, 'cuts.json');
  const boxes = cuts.map(({ path, bbox }) => [
    join(imageRoot, path),
    bbox && [bbox.x, bbox.y, bbox.width, bbox.height],
  ]);
  writeFileSync(file, JSON.stringify(boxes));
  const peer = withPeer ? await startCropPeer(file) : undefined;
  const [host, pil]: [number[], number[]] = [[], []];
  try {
    await peer?.run();
    for (let turn = 0; turn < effort.archives; turn += 1) {
      host.push((await followExport(url, 'zip', archive, silent)).milliseconds);
      if (peer !== undefined) pil.push(await peer.run());
    }
  } finally {
    await peer?.stop();
  }
  return judge({
    ...{ what: `ZIP of ${cuts.length} crops`, host: median(host), ...(peer && { peer: median(pil) }), unit: 'ms' },
    ...{ goal: 0.45, floor: 0.55, better: 'lower', isRatio: true, note: 'PIL in one process: cut and encode alone' },
  });
}

/** From the first POST to the end of the last job. */
export async function queueRow(url: string, reports: number): Promise<PeerRow> {
  const began = performance.now();
  const addresses: string[] = [];
  const post = async (): Promise<void> => {
    for (let i = 0; i < reports / 10; i += 1) {
      const answer = await fetch(`${url}/api/exports/pdf`, { method: 'POST', body: JSON.stringify(SMALL) });
      addresses.push(((await answer.json()) as { status_url: string }).status_url);
    }
  };
  await Promise.all(Array.from({ length: 10 }, post));
  for (const address of addresses) {
    for (;;) {
      const { status } = (await (await fetch(url + address)).json()) as { status: string };
      if (status === 'completed') break;
      if (status !== 'processing') throw new Error(`a queued report is ${status}`);
      await pause(20);
    }
  }
  const rate = reports / ((performance.now() - began) / 1_000);
  const bounds = { goal: 20, floor: 14, better: 'higher', isRatio: false } as const;
  return judge({ what: `${reports} queued reports of a month`, host: rate, unit: '/s', ...bounds });
}

/** In this process, warm. */
export async function renderRow(database: Database): Promise<PeerRow> {
  const report = await loadReport(database, YEAR, 'UTC', new Date());
  const options = { createdAt: new Date(), charts: true, tables: true, insights: true };
  const render = async (): Promise<void> => {
    for await (const _ of await renderReport(report, options));
  };
  await repeat(10, render);
  const bounds = { goal: 50, floor: 65, better: 'lower', isRatio: false } as const;
  return judge({ what: 'PDF of a year by month, warm', host: median(await repeat(25, render)), unit: 'ms', ...bounds });
}
