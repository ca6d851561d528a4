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
require('node:module').enableCompileCache(require('node:path').join(__dirname, '../../node_modules/.cache/compiled'));
module.exports = require('./plugin.ts').default;
