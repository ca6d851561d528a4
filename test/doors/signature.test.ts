// Signatures of AWS's own documentation are found to be true, and nothing else is.
import { EMPTY_SHA256, isTrue, readClaim, type SignedRequest } from '../../localstack/stack/engines/signature.ts';
import { makeSecrets } from '../../localstack/stack/secrets.ts';

/** Its request of IAM, https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html */
const IAM = {
  ...makeSecrets(),
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const asked: SignedRequest = {
  method: 'GET',
  url: '/?Version=2010-05-08&Action=ListUsers',
  headers: {
    host: 'iam.amazonaws.com',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
};

/** Its link, https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const S3 = {
  ...makeSecrets(),
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const link: SignedRequest = {
  method: 'GET',
  url: '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  headers: { host: 'examplebucket.s3.amazonaws.com' },
};
const SIGNED_AT = Date.UTC(2013, 4, 24);
const DAY_MS = 86_400_000;

/** A denial's message, or whether the claim is true. */
function judge(request: SignedRequest, secrets: typeof S3, now = SIGNED_AT): string | boolean {
  const claim = readClaim(request, now);
  return 'code' in claim ? claim.message : isTrue(claim, request, claim.payload ?? EMPTY_SHA256, secrets);
}

test('what AWS signed in a header is true; years later as well', () => {
  expect(judge(asked, IAM)).toBe(true);
  expect(judge(asked, IAM, Date.UTC(2026, 1, 1))).toBe(true);
});

test('what AWS signed in a link is true, until its time is over', () => {
  expect(judge(link, S3, SIGNED_AT + DAY_MS - 1)).toBe(true);
  expect(judge(link, S3, SIGNED_AT + DAY_MS)).toBe('Request has expired');
});

test('each part that is signed makes it untrue when it changes', () => {
  const change = (from: string | RegExp, to: string): SignedRequest => ({ ...link, url: link.url.replace(from, to) });
  expect(judge(change('test.txt', 'test.tx'), S3)).toBe(false);
  expect(judge(change('Expires=86400', 'Expires=86401'), S3)).toBe(false);
  expect(judge(change('d404', 'd405'), S3)).toBe(false);
  expect(judge(change('us-east-1', 'us-east-2'), S3)).toBe(false);
  expect(judge({ ...link, url: `${link.url}&partNumber=1` }, S3)).toBe(false);
  expect(judge({ ...link, method: 'DELETE' }, S3)).toBe(false);
  expect(judge({ ...link, headers: { host: 'localhost' } }, S3)).toBe(false);
  expect(judge(link, { ...S3, secretAccessKey: 'another' })).toBe(false);
  expect(judge(link, { ...S3, accessKeyId: 'another' })).toBe(false);
  expect(judge({ ...asked, url: '/?Action=ListUsers&Version=2010-05-09' }, IAM)).toBe(false);
  expect(judge({ ...asked, headers: { ...asked.headers, 'x-amz-date': '20150830T123601Z' } }, IAM)).toBe(false);
});

test('what can be read in two ways, or not at all, is refused', () => {
  const unreadable = 'The signature of this request cannot be read.';
  expect(judge({ ...link, headers: { ...link.headers, authorization: asked.headers.authorization! } }, S3)).toBe(
    unreadable,
  );
  for (const more of ['&X-Amz-Expires=1', '&X-Amz-Signature=00', '&x=%E0%A4%A'])
    expect(judge({ ...link, url: link.url + more }, S3)).toBe(unreadable);
  for (const seconds of ['0', '604801', '-1', '1e3', ''])
    expect(judge({ ...link, url: link.url.replace('=86400', `=${seconds}`) }, S3)).toBe(unreadable);
  for (const authorization of [
    'Bearer x',
    'AWS4-HMAC-SHA256',
    'AWS AKID:sig',
    asked.headers.authorization!.slice(0, -1),
  ])
    expect(judge({ ...asked, headers: { ...asked.headers, authorization } }, IAM)).toBe(unreadable);
  expect(judge({ ...asked, headers: { host: 'iam.amazonaws.com' } }, IAM)).toBe('This request is not signed.');
});

test('a header of AWS that is not signed, or that signs chunks, is refused', () => {
  const unsigned = 'There were headers present in the request which were not signed';
  expect(judge({ ...link, headers: { ...link.headers, 'x-amz-meta-a': 'b' } }, S3)).toBe(unsigned);
  const noHost = link.url.replace('SignedHeaders=host', 'SignedHeaders=date');
  expect(judge({ ...link, url: noHost }, S3)).toBe(unsigned);
  const chunks = { ...asked.headers, 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' };
  const authorization = asked.headers.authorization!.replace('host;', 'host;x-amz-content-sha256;');
  expect(judge({ ...asked, headers: { ...chunks, authorization } }, IAM)).toBe(
    'This server does not verify the signatures of chunks.',
  );
});
