import { describe, expect, test } from 'vitest'
import { isArray, isObject, type JsonObject } from '../../../lib/scim/json.ts'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { MESSAGE } from '../../../lib/scim/urn.ts'
import { list } from '../../../lib/service/list.ts'
import { search } from '../../../lib/service/search.ts'
import { listAll, searchAll } from '../../../lib/service/root.ts'
import type { ResourceStore } from '../../../lib/storage/port.ts'
import { refusalOf } from '../../support/refusal.ts'
import { asked, jsonOf, serviceRig, textIn, type Rig } from '../../support/service-rig.ts'

type Query = Readonly<Record<string, string>>

/** Five users `u1` to `u5` with titles, and groups `G1` to `G3`, the first with all users; the ids are in this order. */
async function populated(): Promise<Rig> {
  const rig = serviceRig()
  const titles = ['d', 'c', 'a', 'e', 'b']
  const users: string[] = []
  for (const [index, title] of titles.entries()) {
    const name = `u${index + 1}`
    users.push(await rig.add(USER, { userName: name, displayName: name, title }))
  }
  await rig.add(GROUP, { displayName: 'G1', members: users.map((value) => ({ value })) })
  await rig.add(GROUP, {
    displayName: 'G2',
    members: users.slice(0, 1).map((value) => ({ value })),
  })
  await rig.add(GROUP, { displayName: 'G3' })
  rig.calls.clear()
  return rig
}

const users = ({ context }: Rig, query: Query = {}): Promise<JsonObject> =>
  jsonOf(list(context, USER, asked({ query })))
const groups = ({ context }: Rig, query: Query = {}): Promise<JsonObject> =>
  jsonOf(list(context, GROUP, asked({ query })))
const root = ({ context }: Rig, query: Query = {}): Promise<JsonObject> =>
  jsonOf(listAll(context, asked({ query })))

/** The `displayName`s of a page. */
function names({ Resources }: JsonObject): readonly string[] {
  const found = isArray(Resources) ? Resources.filter(isObject) : []
  return found.map((each) => textIn(each, 'displayName'))
}

function numbers({ totalResults, startIndex, itemsPerPage }: JsonObject): readonly unknown[] {
  return [totalResults, startIndex, itemsPerPage]
}

describe('pages by index', () => {
  test.each<[Query, readonly string[], readonly unknown[]]>([
    [{}, ['u1', 'u2', 'u3', 'u4', 'u5'], [5, 1, 5]],
    [{ count: '2' }, ['u1', 'u2'], [5, 1, 2]],
    [{ count: '2', startindex: '3' }, ['u3', 'u4'], [5, 3, 2]],
    [{ count: '2', startindex: '5' }, ['u5'], [5, 5, 1]],
    [{ startindex: '6' }, [], [5, 6, 0]],
    [{ count: '0' }, [], [5, 1, 0]],
    [{ count: '-1', startindex: '-1' }, [], [5, 1, 0]],
    [{ sortby: 'title' }, ['u3', 'u5', 'u2', 'u1', 'u4'], [5, 1, 5]],
    [{ sortby: 'title', sortorder: 'descending', count: '2' }, ['u4', 'u1'], [5, 1, 2]],
    [{ filter: 'title gt "b"', count: '2', startindex: '2' }, ['u2', 'u4'], [3, 2, 2]],
    [{ filter: 'title eq "zzz"' }, [], [0, 1, 0]],
  ])('%j', async (query, expected, counts) => {
    const page = await users(await populated(), query)
    expect(page['schemas']).toEqual([MESSAGE.listResponse])
    expect(names(page)).toEqual(expected)
    expect(numbers(page)).toEqual(counts)
  })

  test.each<[Query, readonly string[], readonly unknown[]]>([
    [{}, ['u1', 'u2', 'u3', 'u4', 'u5', 'G1', 'G2', 'G3'], [8, 1, 8]],
    [{ count: '3', startindex: '4' }, ['u4', 'u5', 'G1'], [8, 4, 3]],
    [{ count: '3', startindex: '6' }, ['G1', 'G2', 'G3'], [8, 6, 3]],
    [{ count: '3', startindex: '8' }, ['G3'], [8, 8, 1]],
    [{ startindex: '9' }, [], [8, 9, 0]],
    [{ count: '0' }, [], [8, 1, 0]],
    [{ sortby: 'displayName', count: '4', startindex: '2' }, ['G2', 'G3', 'u1', 'u2'], [8, 2, 4]],
    [{ sortby: 'title', count: '6' }, ['u3', 'u5', 'u2', 'u1', 'u4', 'G1'], [8, 1, 6]],
    [{ sortby: 'title', sortorder: 'descending', count: '4' }, ['G1', 'G2', 'G3', 'u4'], [8, 1, 4]],
    [{ filter: 'userName pr', startindex: '5' }, ['u5'], [5, 5, 1]],
    [{ filter: 'displayName eq "g2" or displayName eq "U2"' }, ['u2', 'G2'], [2, 1, 2]],
  ])('over all types: %j', async (query, expected, counts) => {
    const page = await root(await populated(), query)
    expect(names(page)).toEqual(expected)
    expect(numbers(page)).toEqual(counts)
  })

  test.each([
    ['meta.resourceType eq "Group"', 1],
    ['meta.resourceType eq "User" and title pr', 1],
    ['meta.resourceType eq "User" or title pr', 2],
    ['meta.resourceType eq "Robot"', 0],
    ['not (meta.resourceType eq "User")', 2],
    ['displayName pr', 2],
  ])('ask only the types that may match: %s', async (filter, reads) => {
    const rig = await populated()
    await root(rig, { filter })
    expect(rig.calls.get('store.list') ?? 0).toBe(reads)
  })

  test('are not sorted together beyond 10,000', async () => {
    const rig = await populated()
    const query = { sortby: 'displayName', startindex: '9002', count: '1000' }
    const refused = await refusalOf(() => root(rig, query))
    expect(refused).toMatchObject({ kind: 'tooMany' })
    expect(refused.detail).toMatch(/10000/)
    await expect(root(rig, { ...query, startindex: '9001' })).resolves.toMatchObject({
      totalResults: 8,
    })
  })
})

interface Walk {
  readonly pages: readonly (readonly string[])[]
  readonly back: readonly (readonly string[])[]
  readonly totals: ReadonlySet<unknown>
}

describe('pages by cursor', () => {
  /** The pages from an empty cursor on, and what each had for its previous one. */
  async function walk(page: (query: Query) => Promise<JsonObject>, query: Query): Promise<Walk> {
    const pages: (readonly string[])[] = []
    const back: (readonly string[])[] = []
    const totals = new Set<unknown>()
    let cursor: string | undefined = ''
    while (cursor !== undefined) {
      const answer: JsonObject = await page({ ...query, cursor })
      expect(answer).not.toHaveProperty('startIndex')
      expect(answer['itemsPerPage']).toBe(names(answer).length)
      if ('previousCursor' in answer) {
        const previous = await page({ ...query, cursor: textIn(answer, 'previousCursor') })
        back.push(names(previous))
      }
      pages.push(names(answer))
      totals.add(answer['totalResults'])
      cursor = 'nextCursor' in answer ? textIn(answer, 'nextCursor') : undefined
    }
    return { pages, back, totals }
  }

  test.each<[string, Query, readonly (readonly string[])[], unknown]>([
    ['all', { count: '2' }, [['u1', 'u2'], ['u3', 'u4'], ['u5']], 5],
    ['all at once', {}, [['u1', 'u2', 'u3', 'u4', 'u5']], 5],
    ['full pages', { count: '5' }, [['u1', 'u2', 'u3', 'u4', 'u5']], 5],
    ['sorted', { count: '2', sortby: 'title' }, [['u3', 'u5'], ['u2', 'u1'], ['u4']], 5],
    ['filtered', { count: '1', filter: 'title gt "c"' }, [['u1'], ['u4']], undefined],
    ['filtered, on one page', { filter: 'title gt "c"' }, [['u1', 'u4']], 2],
    ['nobody', { filter: 'title eq "x"' }, [[]], 0],
    [
      'sorted and filtered',
      { count: '1', filter: 'title gt "c"', sortby: 'title' },
      [['u1'], ['u4']],
      2,
    ],
    ['none of all', { count: '0' }, [[]], 5],
    ['none of some', { count: '0', filter: 'title gt "c"' }, [[]], 2],
  ])('visit everybody once, with one total: %s', async (_, query, pages, total) => {
    const rig = await populated()
    const walked = await walk((each) => users(rig, each), query)
    expect(walked.pages).toEqual(pages)
    expect(walked.back).toEqual(pages.slice(0, -1))
    expect([...walked.totals]).toEqual([total])
  })

  test.each<[string, Query, readonly (readonly string[])[], unknown]>([
    [
      'types follow each other',
      { count: '3' },
      [
        ['u1', 'u2', 'u3'],
        ['u4', 'u5'],
        ['G1', 'G2', 'G3'],
      ],
      8,
    ],
    [
      'sorted they mix',
      { count: '5', sortby: 'displayName' },
      [
        ['G1', 'G2', 'G3', 'u1', 'u2'],
        ['u3', 'u4', 'u5'],
      ],
      8,
    ],
    ['groups only', { count: '2', filter: 'not (userName pr)' }, [['G1', 'G2'], ['G3']], undefined],
    [
      'by their type',
      { count: '2', filter: 'meta.resourceType eq "Group"' },
      [['G1', 'G2'], ['G3']],
      undefined,
    ],
    ['of both types', { filter: 'displayName ew "1"' }, [['u1'], ['G1']], undefined],
    ['nothing', { filter: 'displayName eq "x"' }, [[]], 0],
  ])('over all types: %s', async (_, query, pages, total) => {
    const rig = await populated()
    const walked = await walk((each) => root(rig, each), query)
    expect(walked.pages).toEqual(pages)
    expect(walked.back).toEqual(pages.slice(0, -1))
    expect([...walked.totals]).toEqual([total])
  })

  test('read one page each, and count once', async () => {
    const rig = await populated()
    const first = await users(rig, { count: '2', cursor: '', attributes: 'displayName' })
    expect(rig.calls.get('store.listFrom')).toBe(1)
    await users(rig, { cursor: textIn(first, 'nextCursor'), attributes: 'displayName' })
    expect(rig.calls.get('store.listFrom')).toBe(2)
    expect(rig.calls.get('store.list')).toBe(1)
  })

  test.each<[string, Query, string, RegExp]>([
    ['startIndex too', { cursor: '', startindex: '1' }, 'invalidValue', /cursor.*startIndex/],
    ['garbage', { cursor: 'x' }, 'invalidCursor', /Start again/],
    ['no number', { cursor: '', count: 'x' }, 'invalidValue', /count/],
    ['a bad filter', { cursor: '', filter: 'x' }, 'invalidFilter', /x/],
  ])('are refused: %s', async (_, query, kind, detail) => {
    const rig = await populated()
    const refused = await refusalOf(() => users(rig, query))
    expect(refused.kind).toBe(kind)
    expect(refused.detail).toMatch(detail)
  })

  test('a cursor of one type is none of the other, nor of all', async () => {
    const rig = await populated()
    const cursor = textIn(await users(rig, { count: '1', cursor: '' }), 'nextCursor')
    for (const ask of [groups, root]) {
      const refused = await refusalOf(() => ask(rig, { count: '1', cursor }))
      expect(refused.kind).toBe('invalidCursor')
    }
  })
})

describe('members and groups in a list', () => {
  test('are there', async () => {
    const rig = await populated()
    const { Resources } = await groups(rig)
    const counts = (isArray(Resources) ? Resources : []).map((each) =>
      isObject(each) && isArray(each['members']) ? each['members'].length : 0,
    )
    expect(counts).toEqual([5, 1, 0])
    await expect(users(rig, { count: '1' })).resolves.toMatchObject({
      Resources: [{ groups: [{ display: 'G1' }, { display: 'G2' }] }],
    })
  })

  test.each<Query>([{ excludedattributes: 'members' }, { attributes: 'displayName' }])(
    'are not read when they are not shown: %j',
    async (query) => {
      const rig = await populated()
      await groups(rig, query)
      expect(rig.calls.get('memberships.members')).toBeUndefined()
    },
  )

  test('groups of users are read for the whole page at once', async () => {
    const rig = await populated()
    await users(rig)
    expect(rig.calls.get('memberships.groupsOf')).toBe(1)
    expect(rig.calls.get('memberships.groupNames')).toBe(1)
  })

  test('2500 members come whole', async () => {
    const rig = serviceRig()
    const members = Array.from({ length: 2500 }, (_, index) => ({ value: `m${index}` }))
    await rig.add(GROUP, { displayName: 'large', members })
    const { Resources } = await groups(rig)
    const [large] = isArray(Resources) ? Resources : []
    const shown = isObject(large) && isArray(large['members']) ? large['members'] : []
    const ids = shown.filter(isObject).map((each) => textIn(each, 'value'))
    expect(new Set(ids).size).toBe(2500)
  })
})

const body = (parameters: JsonObject): JsonObject => ({
  schemas: [MESSAGE.searchRequest],
  ...parameters,
})

describe('a SearchRequest', () => {
  test.each<[JsonObject, Query]>([
    [{}, {}],
    [
      { filter: 'title gt "b"', count: 2, startIndex: 2 },
      { filter: 'title gt "b"', count: '2', startindex: '2' },
    ],
    [{ count: '2' }, { count: '2' }],
    [
      { sortBy: 'title', sortOrder: 'descending' },
      { sortby: 'title', sortorder: 'descending' },
    ],
    [{ attributes: ['title', 'userName'] }, { attributes: 'title,userName' }],
    [{ excludedAttributes: ['title'] }, { excludedattributes: 'title' }],
    [{ attributes: ' title,userName,' }, { attributes: 'title,userName' }],
    [{ excludedAttributes: 'title, userName' }, { excludedattributes: 'title,userName' }],
    [{ sortBy: '', sortOrder: '' }, {}],
    [{ SORTBY: 'title', Filter: null, unknown: {} }, { sortby: 'title' }],
  ])('%j is as the query %j', async (parameters, query) => {
    const rig = await populated()
    const found = await jsonOf(search(rig.context, USER, asked({ body: body(parameters) })))
    expect(found).toEqual(await users(rig, query))
  })

  test('takes nothing from the URL', async () => {
    const rig = await populated()
    const request = asked({ body: body({}), query: { filter: 'x', count: '0' } })
    await expect(jsonOf(search(rig.context, USER, request))).resolves.toMatchObject({
      itemsPerPage: 5,
    })
  })

  test('over all types', async () => {
    const rig = await populated()
    const request = asked({ body: body({ filter: 'displayName ew "2"', sortBy: 'displayName' }) })
    expect(names(await jsonOf(searchAll(rig.context, request)))).toEqual(['G2', 'u2'])
  })

  test.each<[string, unknown, string, RegExp]>([
    ['no body', undefined, 'invalidSyntax', /SearchRequest/],
    ['an array', [], 'invalidSyntax', /SearchRequest/],
    ['another message', { schemas: [MESSAGE.patchOp] }, 'invalidSyntax', /SearchRequest/],
    ['a number for a filter', body({ filter: 7 }), 'invalidValue', /filter.*string/],
    ['a number for attributes', body({ attributes: 7 }), 'invalidValue', /attributes.*array/],
    ['numbers for attributes', body({ attributes: [7] }), 'invalidValue', /attributes.*strings/],
    ['an object for count', body({ count: {} }), 'invalidValue', /count.*number/],
    ['a fraction for count', body({ count: 1.5 }), 'invalidValue', /count.*whole/],
    ['a number for a cursor', body({ cursor: 7 }), 'invalidValue', /cursor.*string/],
    ['an unknown sortOrder', body({ sortOrder: 'up' }), 'invalidValue', /sortOrder/],
    [
      'both lists',
      body({ attributes: ['a'], excludedAttributes: ['b'] }),
      'invalidValue',
      /attributes.*excludedAttributes/,
    ],
  ])('is refused: %s', async (_, given, kind, detail) => {
    const { context } = await populated()
    const refused = await refusalOf(() => search(context, USER, asked({ body: given })))
    expect(refused.kind).toBe(kind)
    expect(refused.detail).toMatch(detail)
  })
})

describe('the store', () => {
  test.each(DEFAULT_RESOURCE_TYPES)(
    'is asked with the tenant of the context: $name',
    async (type) => {
      const partitions: string[] = []
      const rig = serviceRig({
        store: (real: ResourceStore) => ({
          list: (scope, ...rest) => {
            partitions.push(scope.partitionKey)
            return real.list(scope, ...rest)
          },
        }),
      })
      await list(
        rig.as('two'),
        type,
        asked({ query: { filter: `externalId eq "one"`, tenant: 'one' } }),
      )
      expect(partitions).toEqual(['two'])
    },
  )

  test('a failure while members are read fails the whole answer', async () => {
    let isBroken = false
    const rig = serviceRig({
      memberships: (real) => ({
        members: (...group) => {
          if (isBroken) throw new Error('broken')
          return real.members(...group)
        },
      }),
    })
    const id = await rig.add(USER, { userName: 'a' })
    await rig.add(GROUP, { displayName: 'G', members: [{ value: id }] })
    isBroken = true
    await expect(groups(rig)).rejects.toThrow('broken')
    await expect(groups(rig, { attributes: 'id' })).resolves.toMatchObject({ totalResults: 1 })
  })
})
