// Whether somebody has made a key while this process runs: from then on requests need one.

let hasKeys = false;

/** A live key exists. */
export const noteKeys = (): void => {
  hasKeys = true;
};

export const areKeysNoted = (): boolean => hasKeys;
