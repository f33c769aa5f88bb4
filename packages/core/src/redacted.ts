// A secret in memory: it prints as [redacted] wherever it is logged, and gives itself up only through expose().

import { inspect } from 'node:util';

const text = '[redacted]';

export class Redacted<T> {
  readonly #secret: T;

  constructor(secret: T) {
    this.#secret = secret;
  }

  expose(): T {
    return this.#secret;
  }

  toString(): string {
    return text;
  }

  toJSON(): string {
    return text;
  }

  [inspect.custom](): string {
    return text;
  }
}
