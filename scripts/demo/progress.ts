// A bar for a person at a terminal; plain lines at quarters for a log.

export type Bar = (percent: number, words?: string) => void;

export function progressBar(label: string, stream: NodeJS.WriteStream = process.stderr): Bar {
  let last = -1;
  const width = 30;
  return (percent, words = '') => {
    const whole = Math.max(0, Math.min(100, Math.floor(percent)));
    if (whole === last) return;
    if (stream.isTTY) {
      const filled = Math.round((whole / 100) * width);
      stream.write(
        `\r${label} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${String(whole).padStart(3)}% ${words}${whole === 100 ? '\n' : ''}`,
      );
    } else if (whole === 100 || Math.floor(whole / 25) > Math.floor(last / 25)) {
      stream.write(`${label} ${whole}% ${words}\n`);
    }
    last = whole;
  };
}
