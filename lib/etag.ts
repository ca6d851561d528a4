// Entity tags.

/** Whether If-None-Match names this tag: a list, weakly compared, or * for any. RFC 9110 13.1.2 */
export const isKnownTag = (header: string | undefined, tag: string): boolean =>
  (header ?? '')
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
    .some((each) => each === tag || each === '*');
