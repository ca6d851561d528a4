// Raw requests for host and emulator: what is sent, byte for byte, but for the address.

export interface RawRequest {
  name: string;
  /** Begins with the request line; `HOST` stands for the Host header's value. */
  text: string;
}

const get = (target: string, ...headers: string[]): string =>
  [`GET ${target} HTTP/1.1`, 'Host: HOST', ...headers, 'Connection: close', '', ''].join('\r\n');
const send = (method: string, target: string, body: string, ...headers: string[]): string =>
  [
    `${method} ${target} HTTP/1.1`,
    'Host: HOST',
    ...headers,
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
const json = 'Content-Type: application/json';
/** As JSON in the query, what the function returns. */
const returned = (value: unknown): string => get(`/echo?return=${encodeURIComponent(JSON.stringify(value))}`);

const texts: Record<string, string> = {
  'a path': get('/echo'),
  'a parameter': get('/items/42'),
  'a parameter with a space': get('/items/a%20b'),
  'a parameter with a slash': get('/items/a%2Fb'),
  'a parameter with dots and slashes': get('/items/..%2f..%2fetc'),
  'a parameter of percent signs': get('/items/100%25'),
  'a parameter with a plus': get('/items/a+b'),
  'a parameter in UTF-8': get('/items/caf%C3%A9'),
  'a parameter of an emoji': get('/items/%F0%9F%A6%8C'),
  'a parameter with a colon and at': get('/items/a:b@c'),
  'a parameter with a semicolon': get('/items/a;b=c'),
  'an empty parameter': get('/items/'),
  'a slash at the end': get('/echo/'),
  'two slashes': get('//echo'),
  'letters that need no escape': get('/%65cho'),
  'a wrong escape': get('/items/%zz'),
  'half a letter': get('/items/%C3'),
  'dots in the path': get('/items/../echo'),
  'an unknown path': get('/nothing/here'),
  'the root': get('/'),
  'capitals in the path': get('/Echo'),
  'a query': get('/echo?a=1&b=2'),
  'a repeated name in the query': get('/echo?a=1&a=2&b=3&a=4'),
  'a query without values': get('/echo?a&b='),
  'an empty query': get('/echo?'),
  'a query with a plus and a space': get('/echo?a=b+c&d=e%20f'),
  'a query with a comma': get('/echo?a=1,2&a=3'),
  'a query in UTF-8': get('/echo?caf%C3%A9=%C3%BC'),
  'a query with an equals sign in a value': get('/echo?a=b=c'),
  'a query with a question mark': get('/echo?a=b?c'),
  'a query of nothing but ampersands': get('/echo?&&'),
  'a query with brackets': get('/echo?a[0]=1&a[1]=2'),
  'a query with a wrong escape': get('/echo?a=%zz'),
  'a query with a semicolon': get('/echo?a=1;b=2'),
  'header names in capitals': get('/echo', 'X-Custom-Header: Value'),
  'a repeated header': get('/echo', 'X-Many: one', 'x-many: two', 'X-MANY: three'),
  'a repeated Accept': get('/echo', 'Accept: text/html', 'Accept: application/json'),
  'an empty header': get('/echo', 'X-Empty:'),
  'spaces around a header': get('/echo', 'X-Spaces:   a  b   '),
  'a header in Latin-1': get('/echo', 'X-Name: caf\xe9'),
  'a cookie': get('/echo', 'Cookie: a=1'),
  'three cookies': get('/echo', 'Cookie: a=1; b=2; c="three"'),
  'cookies in two headers': get('/echo', 'Cookie: a=1', 'Cookie: b=2'),
  'a cookie twice': get('/echo', 'Cookie: a=1; a=2'),
  'a user agent': get('/echo', 'User-Agent: curl/8.5.0'),
  'a token': get('/echo', 'Authorization: Bearer abc'),
  'a header of the emulator': get('/echo', 'sls-offline-authorizer-override: {"a":1}'),
  HEAD: get('/echo').replace('GET', 'HEAD'),
  OPTIONS: get('/echo').replace('GET', 'OPTIONS'),
  PUT: send('PUT', '/echo', '{}', json),
  JSON: send('POST', '/echo', '{"a":1}', json),
  'JSON in UTF-8': send('POST', '/echo', '{"a":"caf\xc3\xa9"}', `${json}; charset=utf-8`),
  'JSON that is none': send('POST', '/echo', '{', json),
  'an empty body': send('POST', '/echo', '', json),
  'a body without a type': send('POST', '/echo', '{"a":1}'),
  'a form': send('POST', '/echo', 'a=1&b=2', 'Content-Type: application/x-www-form-urlencoded'),
  'plain text': send('POST', '/echo', 'hello', 'Content-Type: text/plain'),
  bytes: send('POST', '/echo', '\x00\xff\xfe\x80', 'Content-Type: application/octet-stream'),
  'a problem': send('POST', '/echo', '{"a":1}', 'Content-Type: application/problem+json'),
  'a body in chunks': `POST /echo HTTP/1.1\r\nHost: HOST\r\n${json}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n`,
  'DELETE with a body': send('DELETE', '/items/42', '{"a":1}', json),
  'two hosts': get('/echo', 'Host: evil.example'),
  'HTTP/1.0': 'GET /echo HTTP/1.0\r\nHost: HOST\r\n\r\n',
  'an answer with a status and a header': returned({ statusCode: 201, headers: { 'X-Made': 'yes' }, body: 'made' }),
  'an answer with cookies': returned({ statusCode: 200, cookies: ['a=1; Path=/', 'b=2'], body: '{}' }),
  'an answer in base64': returned({ statusCode: 200, body: 'AP/+gA==', isBase64Encoded: true }),
  'an answer without a body': returned({ statusCode: 204 }),
  'an answer without a status': returned({ message: 'hello' }),
  'an answer that is text': returned('hello'),
  'an answer with a number as a header': returned({ statusCode: 200, headers: { 'x-count': 7 }, body: '' }),
  'an answer with a status in quotes': returned({ statusCode: '202', body: '' }),
};

export const requests: readonly RawRequest[] = Object.entries(texts).map(([name, text]) => ({ name, text }));
