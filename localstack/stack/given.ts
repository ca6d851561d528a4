/**
 * The variables that this process was started with, read before it adds the secrets of its data
 * folder: the system shows those of a start to all programs of the user (`ps e`).
 */
export const GIVEN: Readonly<NodeJS.ProcessEnv> = { ...process.env };
