// serverless-esbuild where functions are packaged. What runs here is bundled by bundle.ts, and
// loading serverless-esbuild would be nearly half of each start.
const runsHere = process.argv.slice(2).some((word) => word === 'offline' || word === 'invoke');
module.exports = runsHere ? class LocalBundlesInstead {} : require('serverless-esbuild');
