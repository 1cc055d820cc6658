// The server's description of its own API (OpenAPI 3.1), and whether an answer or a body is as it says.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

// The browser tests' packages are the only ones of the tests.
const require = createRequire(new URL('../browser/package.json', import.meta.url));
const { Ajv2020 } = require('ajv/dist/2020.js');

const ownReferences = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/'));

/** The schema without room for members it does not name, so that the description stays complete. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  if (copy.type === 'object' && copy.properties && !('additionalProperties' in copy)) copy.additionalProperties = false;
  return copy;
}

/** A member that is null counts as missing: the description says so once, for all bodies. */
function withoutNulls(value) {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]));
}

export class Description {
  #ajv = new Ajv2020({ allErrors: true, strict: true, formats: { date: /^\d{4}-\d\d-\d\d$/ } });
  #validators = new Map();

  constructor(document) {
    this.document = document;
    /** By name: "POST /api/v1/session". */
    this.operations = new Map();
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, described] of Object.entries(item)) {
        const name = `${method.toUpperCase()} ${path}`;
        this.operations.set(name, { name, method: method.toUpperCase(), path, ...described });
      }
    }
  }

  operation(name) {
    assert.ok(this.operations.has(name), `${name} is not described`);
    return this.operations.get(name);
  }

  /** Names of the operations for which `has` is true. */
  where(has) {
    return [...this.operations.values()].filter(has).map((operation) => operation.name);
  }

  parameters(name, place) {
    return (this.operation(name).parameters ?? []).filter((parameter) => parameter.in === place);
  }

  bodySchema(name) {
    return this.operation(name).requestBody?.content['application/json']?.schema;
  }

  /** Each member that the description names, as the keys that lead there; of a list the first. */
  placesInBody(name) {
    const resolved = (schema) => (schema.$ref ? this.document.components.schemas[schema.$ref.split('/').pop()] : schema);
    const places = (schema, place) => {
      const { properties, items } = resolved(schema);
      const inner = items ? [['0', items]] : Object.entries(properties ?? {});
      return inner.flatMap(([key, below]) => [[...place, key], ...places(below, [...place, key])]);
    };
    return places(this.bodySchema(name), []);
  }

  #validator(key, schema, shape) {
    if (!this.#validators.has(key)) {
      const whole = ownReferences({ ...schema, $defs: this.document.components.schemas });
      this.#validators.set(key, this.#ajv.compile(shape(whole)));
    }
    return this.#validators.get(key);
  }

  /** Whether the description allows this body; the server may know further reasons to refuse it. */
  allowsBody(name, body) {
    return this.#validator(`body of ${name}`, this.bodySchema(name), (schema) => schema)(withoutNulls(body));
  }

  allowsValue(parameter, text) {
    const isNumber = parameter.schema.type === 'integer';
    if (isNumber && !/^-?\d+$/.test(text)) return false;
    const validate = this.#validator(JSON.stringify(parameter.schema), parameter.schema, (schema) => schema);
    return validate(isNumber ? Number(text) : text);
  }

  /** Fails unless the status, the content type and the body are as described. */
  check(name, answer) {
    const { method, responses } = this.operation(name);
    const key = String(answer.status) in responses ? String(answer.status) : 'default';
    const told = `${name} → ${answer.status} ${answer.type} ${answer.bytes.subarray(0, 400)}`;
    if (key === 'default') assert.ok(answer.status >= 400, `this status is not described: ${told}`);
    const { content } = responses[key];
    if (!content) return assert.equal(answer.bytes.length, 0, `no body is described: ${told}`);
    assert.ok(answer.type in content, `this content type is not described: ${told}`);
    if (method === 'HEAD') return assert.equal(answer.bytes.length, 0, told);
    if (!answer.type.endsWith('json')) return;
    const validate = this.#validator(`${name} ${key} ${answer.type}`, content[answer.type].schema, closed);
    assert.ok(validate(answer.body), `${this.#ajv.errorsText(validate.errors)}: ${told}`);
    if (key === 'default') assertProblem(answer, told);
  }
}

/** What went wrong and what to do about it (RFC 9457). */
export function assertProblem(answer, told) {
  const { type, title, status, detail } = answer.body;
  assert.match(type, /^\/problems\/[a-z-]+$/, told);
  assert.ok(title.length > 0 && detail.length > 0, told);
  assert.equal(status, answer.status, told);
  if (status === 429) assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/, `429 without Retry-After: ${told}`);
}
