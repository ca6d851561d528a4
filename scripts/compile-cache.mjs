// Loaded first by npm commands (`node --import`): what a process of this folder has compiled once
// is not compiled again. Engines and functions are processes of the command, and inherit it.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/compiled');
enableCompileCache(process.env.NODE_COMPILE_CACHE);
