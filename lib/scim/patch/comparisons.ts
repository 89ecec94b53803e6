import type { Attribute } from '../attribute.ts'
import { identityOf } from '../element-identity.ts'
import { ScimError } from '../errors.ts'
import type { ResolvedFilter } from '../filter/filter.ts'
import { costOf, matchesValue } from '../filter/match.ts'
import { isObject, type JsonValue } from '../json.ts'
import { LIMITS } from '../limits.ts'
import { ComparableTexts } from '../text.ts'

/** So many characters that are looked at count as one comparison more. */
const CHARACTERS_PER_COMPARISON = 50

/** After so many comparisons other requests should have their turn. */
const COMPARISONS_PER_TURN = 50_000

/** What reading the value of an operation takes of a turn, in comparisons. */
const OPERATION_PER_TURN = 2500

/**
 * The comparisons of one PATCH: they are counted before they are made, so that the work of a request is bounded, and each
 * text is brought into a form that can be compared once only, however many operations look at it.
 */
export class Comparisons {
  readonly #texts = new ComparableTexts()
  readonly #formOf = (attribute: Attribute, text: string): string | undefined =>
    this.#texts.of(attribute, text)
  readonly #identities = new WeakMap<object, { attribute: Attribute; identity: string }>()
  #left: number = LIMITS.patchComparisons
  #leftOfTurn = COMPARISONS_PER_TURN

  /**
   * Counts what is about to be compared.
   * @param filter undefined for a work that looks at all of each element once.
   * @throws ScimError `invalidValue` when the PATCH has made too many.
   */
  charge(elements: readonly JsonValue[], filter?: ResolvedFilter): void {
    const { conditions, searches } =
      filter === undefined ? { conditions: 1, searches: 1 } : costOf(filter)
    const texts = elements.reduce<number>((sum, element) => sum + weightOf(element), 0)
    const count = elements.length * conditions + texts * searches
    this.#left -= count
    this.#leftOfTurn -= count
    if (this.#left >= 0) return
    throw new ScimError(
      'invalidValue',
      `The filters and values of a PATCH may take at most ${LIMITS.patchComparisons} comparisons. Send its operations in several requests, with simpler filters.`,
    )
  }

  /**
   * Asked before each operation: true whenever so much was done since it was true last that other requests should have
   * their turn.
   */
  endsTurn(): boolean {
    this.#leftOfTurn -= OPERATION_PER_TURN
    return this.isTurnOver()
  }

  /** As `endsTurn`, asked in the middle of an operation. */
  isTurnOver(): boolean {
    if (this.#leftOfTurn > 0) return false
    this.#leftOfTurn = COMPARISONS_PER_TURN
    return true
  }

  /** As `matchesValue`. */
  matches(filter: ResolvedFilter, element: JsonValue): boolean {
    return matchesValue(filter, element, this.#texts)
  }

  /** As the function `identityOf`; the identity of an element is made once. */
  identityOf(attribute: Attribute, element: JsonValue): string {
    if (!isObject(element)) return identityOf(attribute, element, this.#formOf)
    const known = this.#identities.get(element)
    if (known?.attribute === attribute) return known.identity
    const identity = identityOf(attribute, element, this.#formOf)
    this.#identities.set(element, { attribute, identity })
    return identity
  }
}

function weightOf(element: JsonValue): number {
  let characters = 0
  for (const value of isObject(element) ? Object.values(element) : [element]) {
    if (typeof value === 'string') characters += value.length
  }
  return Math.floor(characters / CHARACTERS_PER_COMPARISON)
}
