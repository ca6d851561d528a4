// GET /api/crops/{detection_id}: the picture of a detection; never one with a person in it.
import { access, pictures } from '../lib/clients.ts';
import { soonOrHeld } from '../lib/lambda/held.ts';
import { http } from '../lib/lambda/http.ts';
import { makePicture, readSize } from '../lib/overview/crop.ts';

export const handler = http({ access, scope: 'read', counted: 'pictures' }, ({ path, query, headers }) =>
  soonOrHeld(makePicture(pictures(), path.detection_id, readSize(query.size), headers['if-none-match'])),
);
