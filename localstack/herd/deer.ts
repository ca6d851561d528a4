// A deer from the side that fills its box: antlers for bucks, spots and long legs for fawns; brown
// by day, pale with bright eyes under infrared.
import type { Class } from './activity.ts';

interface Look {
  class: Class;
  width: number;
  height: number;
  facing: 1 | -1;
  /** 0-1: how far the legs are in their stride, and the shade of the coat. */
  pose: number;
  infrared: boolean;
}

/** SVG of exactly width x height pixels. */
export function deerSvg({ class: of, width, height, facing, pose, infrared }: Look): string {
  const shade = Math.round(22 * (pose - 0.5));
  const coat = infrared ? grey(176 + shade) : `rgb(${134 + shade},${98 + shade},${66 + shade})`;
  const dark = infrared ? grey(128 + shade) : `rgb(${96 + shade},${68 + shade},${46 + shade})`;
  const pale = infrared ? grey(232) : '#d9ccb4';
  // Drawn in a box of 120 x 100 facing right, the head in the upper right; antlers need the top
  // quarter of a buck's box.
  const top = of === 'buck' ? 22 : 0;
  const y = (at: number): string => (top + (at * (100 - top)) / 100).toFixed(1);
  const swing = 7 * Math.sin(pose * 2 * Math.PI);
  const thick = of === 'fawn' ? 4.2 : 4.8;
  const hip = of === 'fawn' ? 58 : 64;
  const leg = (x: number, by: number, fill: string): string =>
    `<path d="M${x - thick} ${y(hip - 12)} Q${x - thick * 0.5} ${y(hip + 10)} ${x - 2 + by * 0.6} ${y(80)} L${x - 2 + by} ${y(100)} L${x + 2.4 + by} ${y(100)}
      L${x + 2 + by * 0.5} ${y(80)} Q${x + thick} ${y(hip + 8)} ${x + thick + 2} ${y(hip - 12)} Z" fill="${fill}"/>`;
  const antler = (x: number, fill: string): string =>
    `<path d="M${x} ${y(6)} C${x - 12} 14 ${x - 14} 6 ${x - 6} 1.5 M${x - 8} 13 L${x - 15} 6 M${x - 11} 8 L${x - 1} 2.5 M${x} ${y(6)} C${x + 4} 16 ${x + 12} 14 ${x + 11} 2
      M${x + 7} 14 L${x + 4} 5 M${x + 11} 10 L${x + 17} 4" fill="none" stroke="${fill}" stroke-width="2.1" stroke-linecap="round"/>`;
  const spots =
    of === 'fawn'
      ? [30, 38, 46, 54, 62, 70, 35, 44, 52, 60, 68]
          .map((x, i) => `<circle cx="${x}" cy="${y(i < 6 ? 42 : 48)}" r="1.3" fill="${pale}" opacity="0.85"/>`)
          .join('')
      : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 120 100" preserveAspectRatio="none">
    <g ${facing === 1 ? '' : 'transform="translate(120 0) scale(-1 1)"'}>
    <ellipse cx="55" cy="98" rx="44" ry="2" fill="#000" opacity="${infrared ? 0.3 : 0.22}"/>
    ${leg(31, -swing, dark)}${leg(78, swing, dark)}
    <path d="M14 ${y(46)} Q4 ${y(50)} 2 ${y(62)} Q10 ${y(60)} 18 ${y(52)} Z" fill="${pale}"/>
    <path d="M16 ${y(44)} Q24 ${y(32)} 44 ${y(34)} Q64 ${y(37)} 78 ${y(32)} Q90 ${y(26)} 95 ${y(12)} L106 ${y(16)} Q103 ${y(30)} 97 ${y(40)}
      Q93 ${y(54)} 84 ${y(62)} Q60 ${y(70)} 40 ${y(65)} Q24 ${y(66)} 18 ${y(58)} Z" fill="${coat}"/>
    <path d="M36 ${y(62)} Q58 ${y(70)} 82 ${y(61)} Q60 ${y(64)} 36 ${y(62)} Z" fill="${pale}" opacity="0.7"/>
    ${spots}
    ${leg(24, swing, coat)}${leg(86, -swing * 0.8, coat)}
    ${of === 'buck' ? antler(98, infrared ? grey(220) : '#b59a70') : ''}
    <path d="M92 ${y(14)} Q94 ${y(6)} 102 ${y(7)} Q112 ${y(11)} 119.5 ${y(19)} Q120 ${y(24)} 114 ${y(25)} Q104 ${y(25)} 98 ${y(24)} Z" fill="${coat}"/>
    <path d="M95 ${y(9)} Q86 ${y(8)} 83 ${y(1)} Q92 ${y(0)} 98 ${y(7)} Z" fill="${dark}"/>
    <path d="M98 ${y(8)} Q95 ${y(2)} 98 ${y(0)} Q103 ${y(2)} 102 ${y(8)} Z" fill="${coat}"/>
    <ellipse cx="117.5" cy="${y(20.5)}" rx="2.2" ry="1.9" fill="#1c1a18"/>
    <circle cx="106" cy="${y(13.5)}" r="${infrared ? 2.2 : 1.3}" fill="${infrared ? '#fff' : '#17120e'}"/>
    </g></svg>`;
}

const grey = (value: number): string => `rgb(${value},${value},${value})`;
