import { describe, expect, test } from 'vitest'
import { parseBulk } from '../../../lib/scim/bulk.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { parseFilter } from '../../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../../lib/scim/filter/resolve.ts'
import type { JsonValue } from '../../../lib/scim/json.ts'
import { parsePaging } from '../../../lib/scim/list.ts'
import { applyPatchAtOnce } from '../../../lib/scim/patch/apply.ts'
import { readPatchAtOnce } from '../../../lib/scim/patch/read.ts'
import { parseSort } from '../../../lib/scim/sort.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { canonicalResource } from '../../../lib/scim/validate/resource.ts'
import { refusalOf } from '../../support/refusal.ts'

/** What a client sends where it is refused: no log must have it. */
const SENT = 'adalovelace'

/** Where a refusal logs what was sent; empty when it does not, and the fixed words are those of the answer. */
async function leaksOf(run: () => unknown): Promise<readonly string[]> {
  const { detail, loggedDetail, message } = await refusalOf(run)
  const [start = ''] = loggedDetail.split('…', 1)
  return [
    ...[loggedDetail, message].filter((text) => text.toLowerCase().includes(SENT)),
    ...(detail.startsWith(start) ? [] : [detail]),
  ]
}

const FILTERS = [
  `${SENT} eq "x"`,
  `emails[${SENT} eq "x"]`,
  `userName ${SENT} "x"`,
  `userName eq "${SENT}`,
  `userName eq '${SENT}`,
  `userName eq "x" ${SENT}`,
  `"${SENT}"`,
  `active eq "${SENT}"`,
  `a..${SENT} pr`,
]

const OPERATIONS: readonly JsonValue[] = [
  SENT,
  { op: SENT },
  { op: 'remove', path: SENT },
  { op: 'remove', path: `name.${SENT}` },
  { op: 'remove', path: `emails[type eq "x"].${SENT}` },
  { op: 'remove', path: `emails[${SENT} eq "x"]` },
  { op: 'remove', path: `emails[type eq "${SENT}` },
  { op: 'add', path: 'active', value: SENT },
  { op: 'add', value: SENT },
  { op: 'replace', path: `emails[value sw "${SENT}"].type`, value: 'x' },
  { op: 'add', value: { [`${SENT}[x eq 1]`]: 1, [`urn:x:${SENT}[x]`]: 1, userName: null } },
  { op: 'add', value: { [URN.user]: { [`${SENT}[a]`]: 1 }, [`${URN.user}:${SENT}[a]`]: 2 } },
  { op: 'add', [SENT]: 1, [SENT.toUpperCase()]: 2 },
]

describe('what is logged of a refusal has nothing that a client sent', () => {
  test.each(FILTERS)('filter %s', async (text) => {
    expect(await leaksOf(() => resolveFilter(USER, parseFilter(text)))).toEqual([])
  })

  test.each(OPERATIONS)('operation %j', async (operation) => {
    const run = (): unknown => {
      const { operations } = readPatchAtOnce(USER, { Operations: [operation] })
      return applyPatchAtOnce(USER, { userName: 'x' }, operations)
    }
    expect(await leaksOf(run)).toEqual([])
  })

  test.each<[string, () => unknown]>([
    ['bulk', () => parseBulk({ schemas: [MESSAGE.bulkRequest], [SENT]: 1, ADALOVELACE: 2 })],
    ['sort', () => parseSort(USER, { sortBy: SENT })],
    ['sortOrder', () => parseSort(USER, { sortBy: 'userName', sortOrder: SENT })],
    ['paging', () => parsePaging({ count: SENT })],
    ['schemas', () => canonicalResource(USER, { schemas: [SENT] })],
    ['value', () => canonicalResource(USER, { schemas: [URN.user], userName: ` ${SENT}` })],
    [
      'members',
      () =>
        readPatchAtOnce(GROUP, {
          Operations: [{ op: 'add', path: 'members', value: { [SENT]: 1, display: SENT } }],
        }),
    ],
  ])('%s', async (_, run) => {
    expect(await leaksOf(run)).toEqual([])
  })
})

test('an answer says what was not understood', async () => {
  const { detail, loggedDetail } = await refusalOf(() =>
    resolveFilter(USER, parseFilter('bogus eq "x"')),
  )
  expect(detail).toBe(
    '"bogus" at character 1 is not an attribute of a User. /Schemas lists all attributes.',
  )
  expect(loggedDetail).toBe(
    '"…" at character 1 is not an attribute of a User. /Schemas lists all attributes.',
  )
})
