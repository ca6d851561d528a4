// Installs what is missing, on any Node >= 20 and without dependencies: it runs before node_modules
// exists.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.hoofprint-installed');
// Of package.json only what decides which packages there are.
const { dependencies, devDependencies, overrides, allowScripts } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const wanted = createHash('sha256')
  .update(JSON.stringify([dependencies, devDependencies, overrides, allowScripts]))
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(process.platform + process.arch)
  .digest('hex');

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(
    `Hoofprint needs Node 20 or newer to install itself (this is ${process.version}). Install Node 20+ and run the command again.`,
  );
  process.exit(1);
}
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const npm = (...args) =>
    spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', process.stderr, process.stderr],
      shell: process.platform === 'win32',
    }).status === 0;
  console.error('hoofprint: installing packages (about a minute, once) ...');
  if (!npm('ci')) {
    console.error(
      'hoofprint: `npm ci` was refused (often a registry mirror without some optional platform package); trying `npm install --no-save`.',
    );
    if (!npm('install', '--no-save')) {
      console.error(
        'hoofprint: the packages could not be installed. Is the npm registry reachable? The lines above say what npm found.',
      );
      process.exit(1);
    }
  }
  writeFileSync(stamp, wanted);
}
