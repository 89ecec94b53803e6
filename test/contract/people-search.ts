import { describe, expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { aChange, creation, deletion } from '../support/changes.ts'
import { refusalOf } from '../support/refusal.ts'
import { newTenant, newUser, type ResourceStores } from './resource-store.ts'

const PATHS = ['userName', 'emails.value', 'name.familyName', 'name.givenName'] as const

interface Page {
  readonly ids: readonly string[]
  readonly next?: string
}

/** What every store finds by the beginning of a value. */
export function peopleSearchContract(open: () => ResourceStores): void {
  const page = async (
    tenant: Scope,
    beginning: string,
    count: number,
    behind?: string,
  ): Promise<Page> => {
    const { store } = open()
    const query = { paths: PATHS, beginning, count, ...(behind === undefined ? {} : { behind }) }
    const { ids, isHere, next } = await store.search(tenant, USER, query)
    const found = await store.getAll(tenant, USER, ids)
    const here = found.filter(isHere).map(({ id }) => id)
    return next === undefined ? { ids: here } : { ids: here, next }
  }
  const pages = async (
    tenant: Scope,
    beginning: string,
    count = 100,
  ): Promise<readonly (readonly string[])[]> => {
    const all = [await page(tenant, beginning, count)]
    for (;;) {
      const next = all.at(-1)?.next
      if (next === undefined) return all.map(({ ids }) => ids)
      all.push(await page(tenant, beginning, count, next))
    }
  }
  const find = async (tenant: Scope, beginning: string, count?: number): Promise<Set<string>> => {
    const ids = (await pages(tenant, beginning, count)).flat()
    expect(new Set(ids).size).toBe(ids.length)
    return new Set(ids)
  }
  const hired = async (
    tenant: Scope,
    userName: string,
    attributes: JsonObject = {},
  ): Promise<string> => {
    const user = newUser(userName, attributes)
    await open().store.create(tenant, USER, ...creation(user))
    return user.id
  }

  describe('search', () => {
    test('finds by the beginning of each attribute, inactive people too', async () => {
      const tenant = newTenant()
      const byName = await hired(tenant, 'Anna@acme.example')
      const byMail = await hired(tenant, 'u2', { emails: [{ value: 'ANN@home.example' }] })
      const byFamily = await hired(tenant, 'u3', { name: { familyName: 'Annan' }, active: false })
      const byGiven = await hired(tenant, 'u4', { name: { givenName: 'Ａｎｎ' } })
      await hired(tenant, 'joanna', { name: { givenName: 'Jo-Ann' }, title: 'Announcer' })
      expect(await find(tenant, 'ann')).toEqual(new Set([byName, byMail, byFamily, byGiven]))
      expect(await find(tenant, 'ANNA')).toEqual(new Set([byName, byFamily]))
      expect(await find(tenant, 'nobody')).toEqual(new Set())
      expect(await find(newTenant(), 'ann')).toEqual(new Set())
    })

    test('a beginning is no pattern, and no key', async () => {
      const tenant = newTenant()
      const odd = await hired(tenant, "o'neil%:/_x")
      await hired(tenant, 'oxneil')
      for (const beginning of ["o'", "o'neil%", "o'neil%:/_"]) {
        expect(await find(tenant, beginning)).toEqual(new Set([odd]))
      }
      expect(await find(tenant, 'o:')).toEqual(new Set())
      expect(await find(tenant, "o'neil%:/_xy")).toEqual(new Set())
    })

    test('tells values apart that begin alike for longer than a key', async () => {
      const tenant = newTenant()
      const long = 'a'.repeat(400)
      const one = await hired(tenant, `${long}b`)
      const other = await hired(tenant, `${long}c`)
      expect(await find(tenant, `${long}b`)).toEqual(new Set([one]))
      expect(await find(tenant, long)).toEqual(new Set([one, other]))
    })

    test('pages have everybody once, whatever else of theirs begins so', async () => {
      const tenant = newTenant()
      const all: string[] = []
      for (let n = 0; n < 23; n += 1) {
        const name = { givenName: 'Ann', familyName: n % 2 === 0 ? `Annis${n}` : 'Smith' }
        const emails = [{ value: `ann.${n}@acme.example` }, { value: `anne${n}@home.example` }]
        all.push(await hired(tenant, `ann.${n}@acme.example`, { name, emails }))
      }
      const found = await pages(tenant, 'ann', 5)
      expect(found.map((ids) => ids.length)).toEqual([5, 5, 5, 5, 3])
      expect(new Set(found.flat())).toEqual(new Set(all))
    })

    test('who has gone or is called otherwise since is not found', async () => {
      const tenant = newTenant()
      const id = await hired(tenant, 'ann')
      const gone = await hired(tenant, 'anna')
      const { store } = open()
      const [one, other] = await store.getAll(tenant, USER, [id, gone])
      if (one === undefined || other === undefined) throw new Error('They are not there.')
      const { isHere } = await store.search(tenant, USER, {
        paths: PATHS,
        beginning: 'ann',
        count: 10,
      })
      await store.replace(tenant, USER, one, { ...one.attributes, userName: 'bob' }, aChange('put'))
      await store.delete(tenant, USER, other, deletion())
      expect(await find(tenant, 'ann')).toEqual(new Set())
      const renamed = await store.get(tenant, USER, id)
      expect(renamed !== undefined && isHere(renamed)).toBe(false)
    })

    test('says so while an index has not everybody', async () => {
      const resourceType = { ...USER, unfilledIndexes: ['givenName'] }
      const query = { paths: PATHS, beginning: 'ann', count: 10 }
      const refusal = await refusalOf(() => open().store.search(newTenant(), resourceType, query))
      expect(refusal.kind).toBe('mutability')
      expect(refusal.detail).toMatch(/name\.givenName/)
    })
  })
}
