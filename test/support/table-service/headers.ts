import type { Response } from '../tables.ts'

/** Headers as the SDK reads them: by names in any case. */
export class ResponseHeaders implements Iterable<[string, string]> {
  readonly #byName = new Map<string, string>()

  constructor(headers: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(headers)) this.set(name, value)
  }

  get(name: string): string | undefined {
    return this.#byName.get(name.toLowerCase())
  }

  has(name: string): boolean {
    return this.#byName.has(name.toLowerCase())
  }

  set(name: string, value: string | number | boolean): void {
    this.#byName.set(name.toLowerCase(), String(value))
  }

  delete(name: string): void {
    this.#byName.delete(name.toLowerCase())
  }

  toJSON(): ReturnType<Response['headers']['toJSON']> {
    return Object.fromEntries(this.#byName)
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    return this.#byName[Symbol.iterator]()
  }
}
