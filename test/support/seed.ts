// Property tests draw the same cases in every `npm test`, so that it fails for what was changed;
// the soak draws new ones each time.
import fc from 'fast-check';

fc.configureGlobal(process.env.HOOFPRINT_SOAK === '1' ? {} : { seed: 20_261_123 });
