// The version of this program; a test compares it with package.json, which no bundle holds.
export const VERSION = '0.1.0';
