// Instants as written in a time zone, the form of Camtrap DP: local time to the second with its
// offset from UTC.
import * as Instant from 'temporal-polyfill/fns/Instant';
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';

const [MINUTE, QUARTER_HOUR] = [60_000, 900_000];
const NANOSECONDS = 60e9;

/** @throws RangeError for what is neither an offset such as +02:00 nor an IANA zone. */
function findOffset(zone: string, at: number): number {
  const zoned = Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(at), zone);
  return Math.round(ZonedDateTime.offsetNanoseconds(zoned) / NANOSECONDS);
}

function isZone(zone: string): boolean {
  try {
    findOffset(zone, 0);
    return true;
  } catch {
    return false;
  }
}

/** `Z`, or such as `-05:30`. */
function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}

/**
 * Makes a writer of instants, such as `2024-05-01T06:30:00-05:00`, in the zone given with each (an
 * offset or an IANA name) or in `fallback` where it is neither. A package has hundreds of thousands
 * of instants: an offset is looked up once for each zone and quarter of an hour, since clocks
 * change on quarters at the finest.
 */
export function localTimeWriter(fallback: string): (instant: Date, zone?: string | null) => string {
  const zones = new Map<string, string>();
  const offsets = new Map<string, { minutes: number; text: string }>();
  return (instant, wanted) => {
    let zone = zones.get(wanted ?? '');
    if (zone === undefined) {
      zone = wanted && isZone(wanted) ? wanted : fallback;
      zones.set(wanted ?? '', zone);
    }
    const at = Math.floor(instant.getTime() / 1_000) * 1_000;
    const key = `${zone} ${Math.floor(at / QUARTER_HOUR)}`;
    let offset = offsets.get(key);
    if (offset === undefined) {
      const minutes = findOffset(zone, at);
      offset = { minutes, text: formatOffset(minutes) };
      offsets.set(key, offset);
    }
    return new Date(at + offset.minutes * MINUTE).toISOString().slice(0, 19) + offset.text;
  };
}
