// The Serverless plugin's way in: Serverless loads CommonJS by name, the plugin itself is
// TypeScript (Node >= 22.18 runs it as it is).
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  // Not thrown: Serverless would print where.
  console.error(
    `Hoofprint needs Node 22.18 or newer here (this is ${process.version}). Run: npm run setup, then use npx serverless in the project folder`,
  );
  process.exit(1);
}
// What is loaded from here on is compiled once and cached with the packages that it was made of.
// Engines are processes of this one, and inherit it.
process.env.NODE_COMPILE_CACHE ??= require('node:path').join(__dirname, '../../node_modules/.cache/compiled');
require('node:module').enableCompileCache(process.env.NODE_COMPILE_CACHE);
module.exports = require('./plugin.ts').default;
