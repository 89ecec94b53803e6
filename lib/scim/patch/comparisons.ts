import type { Attribute } from '../attribute.ts'
import { identityOf } from '../element-identity.ts'
import { ScimError } from '../errors.ts'
import type { ResolvedFilter } from '../filter/filter.ts'
import { conditionsOf, matchesValue } from '../filter/match.ts'
import { isObject, type JsonObject, type JsonValue } from '../json.ts'
import { LIMITS } from '../limits.ts'
import { ComparableTexts } from '../text.ts'

/** So many characters of an element count as one comparison more. */
const CHARACTERS_PER_COMPARISON = 500

/** After so many comparisons other requests should have their turn. */
const COMPARISONS_PER_TURN = 50_000

/**
 * The comparisons of one PATCH: they are counted before they are made, so that the work of a request is bounded, and each
 * text is brought into a form that can be compared once only, however many operations look at it.
 */
export class Comparisons {
  readonly #texts = new ComparableTexts()
  readonly #identities = new WeakMap<JsonObject, string>()
  #left: number = LIMITS.patchComparisons
  #leftOfTurn = COMPARISONS_PER_TURN

  /**
   * Counts what is about to be compared.
   * @param filter undefined for a work that looks at each element once.
   * @throws ScimError `invalidValue` when the PATCH has made too many.
   */
  charge(elements: readonly JsonValue[], filter?: ResolvedFilter): void {
    const each = filter === undefined ? 1 : conditionsOf(filter)
    const count = each * elements.reduce<number>((sum, element) => sum + weightOf(element), 0)
    this.#left -= count
    this.#leftOfTurn -= count
    if (this.#left >= 0) return
    throw new ScimError(
      'invalidValue',
      `The filters and values of a PATCH may take at most ${LIMITS.patchComparisons} comparisons. Send its operations in several requests, with simpler filters.`,
    )
  }

  /** True once whenever so much was compared since the last time that other requests should have their turn. */
  endsTurn(): boolean {
    if (this.#leftOfTurn > 0) return false
    this.#leftOfTurn = COMPARISONS_PER_TURN
    return true
  }

  /** As `matchesValue`. */
  matches(filter: ResolvedFilter, element: JsonValue): boolean {
    return matchesValue(filter, element, this.#texts)
  }

  /** As the function `identityOf`. */
  identityOf(attribute: Attribute, element: JsonValue): string {
    const known = isObject(element) ? this.#identities.get(element) : undefined
    if (known !== undefined) return known
    const identity = identityOf(attribute, element, (of, text) => this.#texts.of(of, text))
    if (isObject(element)) this.#identities.set(element, identity)
    return identity
  }
}

function weightOf(element: JsonValue): number {
  let characters = 0
  for (const value of isObject(element) ? Object.values(element) : [element]) {
    if (typeof value === 'string') characters += value.length
  }
  return 1 + Math.floor(characters / CHARACTERS_PER_COMPARISON)
}
