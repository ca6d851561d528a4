// Instants as written in a zone, as Camtrap DP has them: local time to the second with its offset
// from UTC.

const OFFSET = /^([+-])(\d{2}):(\d{2})$/;

/** Clocks change on quarters of an hour at the finest, so an offset holds for one. */
const QUARTER = 900_000;

/** undefined for what is neither an offset such as +02:00 nor an IANA zone. */
function formatter(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
}

function offsetIn(format: Intl.DateTimeFormat, at: number): number {
  const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = OFFSET.exec(name.replace('GMT', '')) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/**
 * Writes instants in a zone (an offset or an IANA name; `fallback` where it is neither); each clock
 * remembers what it worked out.
 */
export function localTimeWriter(fallback: string): (instant: Date, zone?: string | null) => string {
  const offsets = new Map<string, number>();
  const formats = new Map<string, Intl.DateTimeFormat>();
  const zones = new Map<string, string>();
  return (instant, wanted) => {
    let zone = zones.get(wanted ?? '');
    if (zone === undefined) {
      zone = wanted && (OFFSET.test(wanted) || formatter(wanted) !== undefined) ? wanted : fallback;
      zones.set(wanted ?? '', zone);
    }
    const at = Math.floor(instant.getTime() / 1000) * 1000;
    const key = `${zone} ${Math.floor(at / QUARTER)}`;
    let minutes = offsets.get(key);
    if (minutes === undefined) {
      const fixed = OFFSET.exec(zone);
      if (fixed !== null) minutes = (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]));
      else {
        const format = formats.get(zone) ?? (formatter(zone) as Intl.DateTimeFormat);
        formats.set(zone, format);
        minutes = offsetIn(format, at);
      }
      offsets.set(key, minutes);
    }
    const local = new Date(at + minutes * 60_000).toISOString().slice(0, 19);
    if (minutes === 0) return `${local}Z`;
    const size = Math.abs(minutes);
    return `${local}${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
  };
}
