// Input that no honest client sends.

/** By what they are; put in the place of each member of a body. */
export const wrongValues = {
  'null': null,
  'true': true,
  'a number': 7,
  'a negative number': -1,
  'a fraction': 0.5,
  'a number past 64 bits': 2 ** 70,
  'a number of 300 digits': 1e300,
  'a list': [],
  'a list in lists': [[['x']]],
  'an object': {},
  'an empty text': '',
  'a short text': 'x',
  'a text of 10,000 characters': 'x'.repeat(10_000),
  'a NUL': 'ab\0cdefghijkl',
  'half a surrogate pair': 'abcdefghijkl\ud800',
  'text that changes its direction': '\u202eabcdefghijkl\u2066',
  'accents upon accents': `e${'\u0301'.repeat(2000)}`,
};

/** What a page would run or load if it took text for markup; to an API it is text like any other. */
export const markup = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '<svg/onload=alert(1)>',
  '</script><script>alert(1)</script>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<!--<img src="--><img src=x onerror=alert(1)//">',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
];

/** Bodies that are wrong as a whole, for an operation that takes `good` as JSON. */
export function brokenBodies(good) {
  const text = JSON.stringify(good);
  return {
    'not JSON': '}{ handle=ada',
    'JSON cut short': text.slice(0, -1),
    'two JSON texts': text + text,
    'a list in the object’s place': '[]',
    'a number in the object’s place': '1',
    'null in the object’s place': 'null',
    'lists, 100 deep': '['.repeat(100) + ']'.repeat(100),
    'objects, 100 deep': '{"a":'.repeat(100) + '1' + '}'.repeat(100),
    'bytes that are not UTF-8': Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    'an overlong slash': Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    'NaN': '{"x":NaN}',
  };
}

/** Each place in a JSON value, as the keys that lead there; of a list only the first. */
export function placesIn(value, place = []) {
  const inner = Array.isArray(value) ? value.slice(0, 1) : value;
  if (inner === null || typeof inner !== 'object') return [place];
  const below = Object.keys(inner).flatMap((key) => placesIn(inner[key], [...place, key]));
  return place.length > 0 ? [place, ...below] : below;
}

function changed(value, place, change) {
  const copy = structuredClone(value);
  const parent = place.slice(0, -1).reduce((at, key) => at[key], copy);
  change(parent, place.at(-1));
  return copy;
}

export const withValue = (value, place, wrong) => changed(value, place, (parent, key) => { parent[key] = wrong; });

export const without = (value, place) =>
  changed(value, place, (parent, key) => (Array.isArray(parent) ? parent.splice(key, 1) : delete parent[key]));

/** In the place of an id or a name in the path; percent-encoded as it goes out. */
export const wrongPathValues = {
  'nothing': '',
  'a space': '%20',
  'a dot': '.',
  'two dots': '..',
  'two dots, encoded': '%2e%2e',
  'a way up': '..%2f..%2f..%2fetc%2fpasswd',
  'a NUL': '%00',
  'a line break': '%0d%0ax-injected:%201',
  'a byte that is not UTF-8': '%ff',
  'an overlong slash': '%c0%af',
  'a broken escape': '%zz',
  'a lone percent sign': '%',
  '5,000 characters': 'x'.repeat(5000),
  'a snowman': encodeURIComponent('☃'),
  'a quotation mark': encodeURIComponent(`' OR '1'='1`),
  'a negative number': '-1',
};

/** In the place of a query parameter's value: wrong for every one, and wrong for some, before they are encoded. */
export const brokenQueryValues = {
  'a NUL': '%00', 'a byte that is not UTF-8': '%ff', 'a broken escape': '%zz', 'a lone percent sign': '%',
};
export const wrongQueryValues = [
  '', '0', '-1', '21', '1e9', '1.5', 'abc', '9'.repeat(20), 'x'.repeat(5000), '☃', `' OR '1'='1`,
];

/** Header fields that should sign nobody in. */
export function wrongCredentials() {
  const cookie = (value) => ({ cookie: value });
  const authorization = (value) => ({ authorization: value });
  return {
    'a cookie of garbage': cookie('vitrine_session=garbage; vitrine_viewer=garbage'),
    'an empty cookie': cookie('vitrine_session='),
    'two cookies': cookie('vitrine_session=one; vitrine_session=two'),
    'a cookie of 8 kB': cookie(`vitrine_session=${'x'.repeat(8 << 10)}`),
    'a cookie that is none': cookie(';;==;"; ,'),
    'a cookie that is not ASCII': cookie('vitrine_session=\xff\xfe'),
    'a token of garbage': authorization('Bearer garbage'),
    'a scheme without a token': authorization('Bearer'),
    'a token of 8 kB': authorization(`Bearer ${'x'.repeat(8 << 10)}`),
    'another scheme': authorization('Basic YWRhOmFkYQ=='),
    'a token that is not ASCII': authorization('Bearer \xff\xfe'),
  };
}
