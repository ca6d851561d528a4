// How much the bench against peers does.

export interface Effort {
  starts: number;
  crops: number;
  archives: number;
  reports: number;
  /** Of each kind of request, on each side. */
  rounds: number;
  seconds: number;
  /** Requests before the first round: on a busy machine seconds would warm nothing. */
  warm: number;
}

export const WHOLE: Effort = { starts: 3, crops: 1_000, archives: 5, reports: 200, rounds: 5, seconds: 3, warm: 2_000 };
/** Shows that everything runs; its figures mean little. */
export const QUICK: Effort = { starts: 1, crops: 30, archives: 1, reports: 20, rounds: 1, seconds: 1, warm: 500 };
