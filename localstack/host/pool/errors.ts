// How an invocation fails.

/** An error that a function threw, under its name, or the end of its process. */
export class FunctionError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** A function that was not done in its time. */
export class LateError extends FunctionError {
  /** @param timeout seconds */
  constructor(timeout: number) {
    super('Sandbox.Timedout', `the function timed out after ${timeout} s`);
  }
}
