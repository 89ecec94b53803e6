import { expect, test } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import { URN } from '../../lib/scim/urn.ts'
import { aDefinition, SURVEY } from '../support/definitions.ts'
import { memoryApp, textOf, type MemoryAnswer, type SendAs } from '../support/memory-app.ts'

/** Two tenants that have declared other attributes, some of the same names, at once: neither ever sees the other's. */

const { peopleUser: PEOPLE, enterpriseUser: ENTERPRISE } = URN
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const ROUNDS = 60

/** What each has, and values that nobody else sends. */
const TENANTS = {
  contoso: {
    definitions: [
      aDefinition('grade', { allowedValues: ['contosoJunior', 'contosoSenior'] }),
      aDefinition('contosoBadge', { unique: true }),
      aDefinition('score', { type: 'integer', schema: SURVEY }),
    ],
    people: { grade: 'contosoJunior' },
    own: 'contosoBadge',
    foreign: 'fabrikamShirt',
    // Of the other tenant it would be right.
    wrong: { grade: 7 },
  },
  fabrikam: {
    definitions: [aDefinition('grade', { type: 'integer' }), aDefinition('fabrikamShirt')],
    people: { grade: 7 },
    own: 'fabrikamShirt',
    foreign: 'contosoBadge',
    wrong: { grade: 'contosoJunior' },
  },
} as const

type TenantId = keyof typeof TENANTS

/** A round of one tenant: all its answers. */
async function round(id: TenantId, send: SendAs, at: number): Promise<readonly MemoryAnswer[]> {
  const { people, own, foreign, wrong } = TENANTS[id]
  const person = (name: string, extension: JsonObject): JsonObject => {
    return { schemas: [URN.user], userName: name, [PEOPLE]: extension }
  }
  const value = `${id}-${at}`
  const body = person(value, { ...people, [own]: value })
  const created = await send('POST', '/Users', { body })
  expect([created.status, created.json[PEOPLE]]).toEqual([201, { ...people, [own]: value }])
  const user = `/Users/${textOf(created, 'id')}`
  const operations = [{ op: 'replace', path: `${ENTERPRISE}.${own}`, value: `${value}!` }]
  const patch = { body: { schemas: [PATCH], Operations: operations } }
  const filter = (name: string, text: string): string =>
    `/Users?filter=${encodeURIComponent(`${PEOPLE}:${name} eq "${text}"`)}`
  const ignored = person(`${value}-2`, { [foreign]: value })
  const answers = await Promise.all([
    send('PATCH', user, patch),
    send('GET', '/Schemas'),
    send('GET', '/ResourceTypes'),
    send('POST', '/Users', { body: ignored }),
    send('POST', '/Users', { body: person(`${value}-3`, wrong) }),
    send('GET', filter(foreign, value)),
  ])
  const [, schemas, , blind, refused, unknown] = answers
  expect(schemas?.text).toContain(own)
  expect(blind?.json).not.toHaveProperty([PEOPLE])
  expect(refused?.status).toBe(400)
  expect(unknown?.json['totalResults'] ?? 0).toBe(0)
  const found = await send('GET', filter(own, `${value}!`))
  expect(found.json['totalResults']).toBe(1)
  return [created, ...answers, found]
}

function without(text: string, words: readonly string[]): string {
  return words.reduce((left, word) => left.replaceAll(word, ''), text)
}

test('neither’s schemas, answers, errors or filters ever show the other’s', async () => {
  const app = await memoryApp()
  const { tenants } = app.stores
  const created = new Date().toISOString()
  const senders = await Promise.all(
    (['contoso', 'fabrikam'] as const).map(async (id) => {
      const { send } = await app.tenant(id)
      for (const each of TENANTS[id].definitions) {
        await tenants.addDefinition(id, () => ({ ...each, created }))
      }
      return [id, send] as const
    }),
  )
  const rounds = Array.from({ length: ROUNDS }, (_, at) =>
    senders.map(async ([id, send]) => [id, await round(id, send, at)] as const),
  )
  const seen = await Promise.all(rounds.flat())
  for (const [id, answers] of seen) {
    const { foreign, wrong } = TENANTS[id]
    const other = id === 'contoso' ? 'fabrikam' : 'contoso'
    for (const { status, text } of answers) {
      // An error repeats what the client itself has sent.
      const own = status < 400 ? text : without(text, [foreign, String(wrong.grade)])
      expect(own).not.toContain(foreign)
      expect(own).not.toContain(other)
    }
  }
})
