import { createHash } from 'node:crypto'

const FIRST_ROOM = 1024

/** Finds texts that come more than once; memory holds eight bytes of each. */
export class Repeats {
  #hashes = new Float64Array(FIRST_ROOM)
  #count = 0

  add(text: string): void {
    if (this.#count === this.#hashes.length) {
      const wider = new Float64Array(2 * this.#count)
      wider.set(this.#hashes)
      this.#hashes = wider
    }
    this.#hashes[this.#count] = hashOf(text)
    this.#count += 1
  }

  /** Whether a text may have come more than once: true of each that has, and hardly of any other. */
  find(): (text: string) => boolean {
    const sorted = this.#hashes.subarray(0, this.#count).toSorted()
    const repeated = new Set<number>()
    for (let at = 1; at < sorted.length; at += 1) {
      const hash = sorted[at]
      if (hash !== undefined && hash === sorted[at - 1]) repeated.add(hash)
    }
    if (repeated.size === 0) return () => false
    return (text) => repeated.has(hashOf(text))
  }
}

/** 53 bits, as many as a number has. */
function hashOf(text: string): number {
  const bytes = createHash('sha256').update(text).digest()
  return bytes.readUIntBE(0, 6) * 32 + (bytes.readUInt8(6) & 31)
}
