import { filter as theirFilter, parse as theirParse } from 'scim2-parse-filter'
import { patchBodyValidation, scimPatch } from 'scim-patch'
import { sameValue } from '../../lib/scim/equal.ts'
import { matches } from '../../lib/scim/filter/match.ts'
import { parseFilter } from '../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../lib/scim/filter/resolve.ts'
import { isObject } from '../../lib/scim/json.ts'
import { LIMITS } from '../../lib/scim/limits.ts'
import { applyPatchAtOnce } from '../../lib/scim/patch/apply.ts'
import { readPatchAtOnce } from '../../lib/scim/patch/read.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { canonicalResource } from '../../lib/scim/validate/resource.ts'
import type { Progress } from '../progress.ts'
import { FILTERS, HOSTILE, type Patch, PATCHES, STORED_USER } from './engine-inputs.ts'
import { compareRates, type Work } from './measure.ts'
import { formatNumber, formatTable } from './table.ts'

/** The same resource as both engines take it. */
const RESOURCE = { schemas: [URN.user, URN.enterpriseUser], ...STORED_USER }

const THEIR_RESOURCE = {
  ...RESOURCE,
  meta: { created: new Date(0), lastModified: new Date(0) },
}

const COLUMNS = [
  { title: '' },
  { title: 'this project, per second', align: 'right' },
  { title: 'library, per second', align: 'right' },
  { title: 'ratio', align: 'right' },
  { title: 'same result' },
] as const

/** Tells what is being measured, by its name. */
type Begin = (name: string) => void

/** Prints how often per second this project's engines and those of the libraries do the same. */
export function benchEngines(print: (text: string) => void, progress: Progress): void {
  let begun = 0
  const all = FILTERS.length * 3 + PATCHES.length + HOSTILE.length
  const begin: Begin = (name) => {
    begun += 1
    progress(`${begun} of ${all}: ${name} …`)
  }
  print('Filters: scim2-parse-filter. The library knows no schema and compares all text exactly.\n')
  const rowOf: typeof row = (name, ...works) => {
    begin(name)
    return row(name, ...works)
  }
  const filterRows = FILTERS.flatMap(({ name, text }) => [
    rowOf(
      `read: ${name}`,
      () => parseFilter(text),
      () => theirParse(text),
    ),
    rowOf(`match: ${name}`, ourMatcher(text), theirMatcher(text), Object.is),
    rowOf(
      `both: ${name}`,
      () => ourMatcher(text)(),
      () => theirMatcher(text)(),
      Object.is,
    ),
  ])
  print(formatTable(COLUMNS, filterRows))
  print('\nPATCH: scim-patch, without changing the resource given. The library knows no schema.\n')
  const patchRows = PATCHES.map((each) => {
    begin(each.name)
    return patchRow(each)
  })
  print(formatTable(COLUMNS, patchRows))
  const most = LIMITS.filterCharacters
  print(`\nFilters made to be slow, ${most / 2} and ${most} characters; longer ones are refused.\n`)
  print(benchHostile(most, begin))
}

function ourMatcher(text: string): Work {
  const filter = resolveFilter(USER, parseFilter(text))
  return () => matches(filter, RESOURCE)
}

function theirMatcher(text: string): Work {
  const test = theirFilter(theirParse(text))
  return () => test(RESOURCE)
}

/** Whether two results are the same. */
type Comparison = (ours: unknown, theirs: unknown) => boolean

/** One row; without a comparison the results are not of one kind. */
function row(name: string, ours: Work, theirs: Work, comparison?: Comparison): string[] {
  const [result, failure] = attempt(theirs)
  if (failure !== undefined) {
    const [rate = NaN] = compareRates([ours]).rates
    return [name, formatNumber(rate), 'not supported', '–', '–']
  }
  const { rates, ratios } = compareRates([ours, theirs])
  const same = comparison === undefined ? '' : comparison(ours(), result) ? 'yes' : 'no'
  return [name, ...rates.map(formatNumber), formatNumber(ratios[1] ?? NaN), same]
}

function attempt(work: Work): [result: unknown, failure: unknown] {
  try {
    return [work(), undefined]
  } catch (error) {
    return [undefined, error]
  }
}

function patchRow({ name, operations }: Patch): string[] {
  const body = { schemas: [MESSAGE.patchOp], Operations: [...operations] }
  return row(
    name,
    () => applyPatchAtOnce(USER, STORED_USER, readPatchAtOnce(USER, body).operations),
    () => {
      patchBodyValidation(body)
      return scimPatch(THEIR_RESOURCE, body.Operations, { mutateDocument: false })
    },
    (ours, theirs) => isObject(ours) && sameValue(ours, canonicalResource(USER, theirs)),
  )
}

function benchHostile(most: number, begin: Begin): string {
  const rows = HOSTILE.map(({ name, text }) => {
    begin(name)
    const [half, whole] = [text(most / 2), text(most)]
    const ours = [half, whole].map((each) => (): unknown => attempt(() => parseFilter(each)))
    const theirs = [half, whole].map((each) => (): unknown => attempt(() => theirParse(each)))
    return [name].concat(growth(ours), growth(theirs))
  })
  const columns = ['this project', 'library'].flatMap((whose) => [
    { title: `${whose}, half (µs)`, align: 'right' as const },
    { title: 'whole (µs)', align: 'right' as const },
    { title: 'growth', align: 'right' as const },
  ])
  return formatTable([{ title: '' }, ...columns], rows)
}

/** The times of both, and how many times the first one's the second one's is: 2 is linear. */
function growth(works: readonly Work[]): string[] {
  const { rates, ratios } = compareRates(works)
  return [...rates.map((rate) => formatNumber(1e6 / rate)), formatNumber(ratios[1] ?? NaN)]
}
