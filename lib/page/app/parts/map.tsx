// Cameras where they are: no tiles, so nothing is asked of another machine.
import { layOutGround, makeScaleBar } from '../../../charts/ground.ts';
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
  /** At the end of the time. */
  is_running: boolean;
  is_silent: boolean;
}

const MAP = 480;

export function CameraMap({ cameras }: { cameras: readonly Camera[] }) {
  const placed = cameras.filter(({ latitude, longitude }) => latitude !== null && longitude !== null);
  if (placed.length === 0) return <p class="quiet">{t.overview.noPlaces}</p>;
  const places = placed.map((camera) => ({ camera, longitude: camera.longitude!, latitude: camera.latitude! }));
  const ground = layOutGround(places, { width: MAP, least: MAP, most: MAP, margin: MAP / 8 });
  const points = places.map((place) => ({ camera: place.camera, ...ground.spot(place) }));
  const highest = Math.max(...placed.map(({ rate }) => rate ?? 0), 1e-9);
  const bar = makeScaleBar(ground, MAP / 4);
  return (
    <figure>
      <svg viewBox={`0 0 ${MAP} ${MAP}`} class="map" role="img" aria-label={t.overview.mapNote}>
        <rect class="ground" width={MAP} height={MAP} />
        {points.map(({ camera, x, y }) => (
          <g key={camera.location_id}>
            <circle
              class={camera.is_silent ? 'hollow' : 'c0'}
              cx={x}
              cy={y}
              r={5 + 15 * Math.sqrt((camera.rate ?? 0) / highest)}
            >
              <title>{`${camera.name}: ${number(camera.rate, 1)}`}</title>
            </circle>
            <text x={x} y={y - 8 - 15 * Math.sqrt((camera.rate ?? 0) / highest)} class="middle">
              {camera.name.length > 18 ? `${camera.name.slice(0, 17)}...` : camera.name}
            </text>
          </g>
        ))}
        <g class="ink">
          <path d={`M ${MAP - 26} 36 l 8 -24 l 8 24 l -8 -6 z`} />
          <text x={MAP - 18} y={50} class="middle">
            {t.overview.north}
          </text>
          <rect x={16} y={MAP - 22} width={bar.length} height={4} />
          <text x={16} y={MAP - 28}>
            {bar.label}
          </text>
        </g>
      </svg>
      <figcaption class="quiet">{t.overview.mapNote}</figcaption>
    </figure>
  );
}
