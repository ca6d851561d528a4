// The kinds of export that the form offers.
import { occupancy } from './occupancy.tsx';
import { pdf } from './pdf.tsx';
import { zip } from './zip.tsx';

export const KINDS = { pdf, zip, occupancy } as const;
export const FIRST_KIND: keyof typeof KINDS = 'pdf';

export const findKind = (name: string) => KINDS[Object.hasOwn(KINDS, name) ? (name as keyof typeof KINDS) : FIRST_KIND];
