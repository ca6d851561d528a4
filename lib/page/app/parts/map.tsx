// Cameras where they are: no tiles, so nothing is asked of another machine.
import { number } from '../base/format.ts';
import { t } from '../base/strings.ts';

export interface Camera {
  location_id: string;
  name: string;
  detections: number;
  events: number;
  trap_nights: number | null;
  rate: number | null;
  latitude: number | null;
  longitude: number | null;
  last_image_at: string | null;
  is_silent: boolean;
}

const MAP = 480;
const METERS_PER_DEGREE = 111_320;

export function CameraMap({ cameras }: { cameras: readonly Camera[] }) {
  const placed = cameras.filter(({ latitude, longitude }) => latitude !== null && longitude !== null);
  if (placed.length === 0) return <p class="quiet">{t.overview.noPlaces}</p>;
  const middle = placed.reduce((sum, { latitude }) => sum + latitude!, 0) / placed.length;
  const shrink = Math.cos((middle * Math.PI) / 180);
  const points = placed.map((camera) => ({ camera, x: camera.longitude! * shrink, y: -camera.latitude! }));
  const [left, right] = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
  const [top, bottom] = [Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ y }) => y))];
  const span = Math.max(right - left, bottom - top, 0.001) * 1.3;
  const place = (value: number, low: number, high: number): number => ((value - (low + high) / 2) / span + 0.5) * MAP;
  const highest = Math.max(...placed.map(({ rate }) => rate ?? 0), 1e-9);
  const meters = span * METERS_PER_DEGREE;
  const bar = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000].find((length) => length > meters / 6) ?? 100_000;
  return (
    <figure>
      <svg viewBox={`0 0 ${MAP} ${MAP}`} class="map" role="img" aria-label={t.overview.mapNote}>
        <rect class="ground" width={MAP} height={MAP} />
        {points.map(({ camera, x, y }) => {
          const [across, down] = [place(x, left, right), place(y, top, bottom)];
          return (
            <g key={camera.location_id}>
              <circle
                class={camera.is_silent ? 'hollow' : 'c0'}
                cx={across}
                cy={down}
                r={5 + 15 * Math.sqrt((camera.rate ?? 0) / highest)}
              >
                <title>{`${camera.name}: ${number(camera.rate, 1)}`}</title>
              </circle>
              <text x={across} y={down - 8 - 15 * Math.sqrt((camera.rate ?? 0) / highest)} class="middle">
                {camera.name.length > 18 ? `${camera.name.slice(0, 17)}...` : camera.name}
              </text>
            </g>
          );
        })}
        <g class="ink">
          <path d={`M ${MAP - 26} 36 l 8 -24 l 8 24 l -8 -6 z`} />
          <text x={MAP - 18} y={50} class="middle">
            {t.overview.north}
          </text>
          <rect x={16} y={MAP - 22} width={(bar / meters) * MAP} height={4} />
          <text x={16} y={MAP - 28}>
            {bar < 1_000 ? `${bar} m` : `${bar / 1_000} km`}
          </text>
        </g>
      </svg>
      <figcaption class="quiet">{t.overview.mapNote}</figcaption>
    </figure>
  );
}
