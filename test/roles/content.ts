// What the sleeping renderer writes for a job: known to the test that downloads it.
export const contentOf = (jobId: string): Buffer => Buffer.from(`the file of ${jobId}\n`.repeat(50));
