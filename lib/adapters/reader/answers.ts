// What a reading process writes: for each read a line of JSON, then the bytes of the file or of its
// crops.
import type { Answer } from './child.ts';

function countBytes(answer: Answer): number {
  if ('bytes' in answer) return answer.bytes;
  if (!('crops' in answer)) return 0;
  return answer.crops.reduce((sum, crop) => sum + ('bytes' in crop ? crop.bytes : 0), 0);
}

/**
 * Splits that stream, in chunks of any size, into answers with their bytes; none for a file that
 * was not read.
 */
export function answerParser(take: (answer: Answer, bytes: Buffer) => void): (chunk: Buffer) => void {
  let line: Buffer[] = [];
  let answer: Answer | undefined;
  let body: Buffer = Buffer.alloc(0);
  let had = 0;
  return (given) => {
    let chunk = given;
    for (;;) {
      if (answer === undefined) {
        const end = chunk.indexOf(10);
        line.push(end === -1 ? chunk : chunk.subarray(0, end));
        if (end === -1) return;
        answer = JSON.parse(Buffer.concat(line).toString()) as Answer;
        line = [];
        had = 0;
        body = Buffer.allocUnsafe(countBytes(answer));
        chunk = chunk.subarray(end + 1);
      }
      const taken = chunk.copy(body, had);
      had += taken;
      if (had < body.length) return;
      const done = answer;
      answer = undefined;
      take(done, body);
      chunk = chunk.subarray(taken);
    }
  };
}
