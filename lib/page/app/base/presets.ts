// Periods that people ask for. Days are YYYY-MM-DD.

const parse = (day: string): Date => new Date(`${day}T00:00:00Z`);
const write = (date: Date): string => date.toISOString().slice(0, 10);
const earlier = (a: string, b: string): string => (a < b ? a : b);

export interface Period {
  start_date: string;
  end_date: string;
}

/** September to January, the hunting season, as far as there are days of it. */
export function season(newest: string): Period {
  const [year, month] = [Number(newest.slice(0, 4)), Number(newest.slice(5, 7))];
  const from = month >= 9 ? year : year - 1;
  return { start_date: `${from}-09-01`, end_date: earlier(`${from + 1}-01-31`, newest) };
}

/** The newest autumn that has begun: September to November. */
export function autumn(newest: string): Period {
  const year = newest.slice(5, 7) >= '09' ? Number(newest.slice(0, 4)) : Number(newest.slice(0, 4)) - 1;
  return { start_date: `${year}-09-01`, end_date: earlier(`${year}-11-30`, newest) };
}

/** The newest November that has begun. */
export function rut(newest: string): Period {
  const year = newest.slice(5, 7) >= '11' ? Number(newest.slice(0, 4)) : Number(newest.slice(0, 4)) - 1;
  return { start_date: `${year}-11-01`, end_date: earlier(`${year}-11-30`, newest) };
}

export function lastDays(newest: string, days: number): Period {
  const from = parse(newest);
  from.setUTCDate(from.getUTCDate() - days + 1);
  return { start_date: write(from), end_date: newest };
}

/** The same days one year before; 29 February becomes the 28th. */
export function yearBefore({ start_date, end_date }: Period): Period {
  const move = (day: string): string => {
    const year = Number(day.slice(0, 4)) - 1;
    return day.slice(5) === '02-29' ? `${year}-02-28` : `${year}${day.slice(4)}`;
  };
  return { start_date: move(start_date), end_date: move(end_date) };
}
