// The door to the database: what a survey of the herd reads.
export { herdClass, readSurvey } from './read.ts';
