/** Why an image has no crops whose decoder took too long. */
export const TOO_SLOW = 'image was not decoded in time';
