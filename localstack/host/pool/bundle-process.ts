// Bundles functions of the pool and says where they are. In a separate process, since comparing
// some thousand files with what a bundle was made of would hold up requests.
import { setPriority } from 'node:os';
import { bundleFunctions, type EsbuildOptions, keepByContent } from '../../bundles/bundle.ts';

/** Below whatever somebody waits for. */
setPriority(10);
const [files, options] = JSON.parse(process.argv[2] ?? '[[],{}]') as [files: string[], options: EsbuildOptions];
const folder = await bundleFunctions(files, options);
process.send?.(files.map((file) => [file, keepByContent(folder, file)]));
