import { describe, expect, test } from 'vitest'
import { attribute, type Schema } from '../../../lib/scim/attribute.ts'
import { isObject, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { withExtensions, type ResourceType } from '../../../lib/scim/resource-type.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { GUARDED_URN, GUARDED_USER } from '../../support/patching.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'
import { memoryService } from '../../support/service-rig.ts'
import { TYPED_URN, TYPED_USER } from '../../support/typed-attributes.ts'

/** Characteristics and data types that no attribute of RFC 7643 has, on attributes that a tenant might add. */

const CUSTOM_URN = 'urn:example:params:scim:schemas:extension:custom:1.0:User'

const CUSTOM_SCHEMA: Schema = {
  id: CUSTOM_URN,
  name: 'Custom',
  description: 'An attribute of which only the name is said, and attributes returned on request',
  attributes: [
    attribute({ name: 'plain', description: 'nothing said' }),
    attribute({ name: 'hint', returned: 'request', description: 'on request' }),
    attribute({
      name: 'desk',
      type: 'complex',
      description: 'with a part on request',
      subAttributes: [
        attribute({ name: 'number', description: 'always shown' }),
        attribute({ name: 'hint', returned: 'request', description: 'on request' }),
      ],
    }),
  ],
}

const CUSTOM_USER: ResourceType = withExtensions(USER, [{ schema: CUSTOM_SCHEMA, required: false }])

/** A POST body with values of one extension. */
function user(urn: string, values: JsonObject, userName = 'ada'): JsonObject {
  return { schemas: [URN.user, urn], userName, [urn]: values }
}

/** What an answer has of one extension. */
function shown(urn: string, { [urn]: values }: JsonObject): JsonValue | undefined {
  return values
}

/** Matches what is said by a refusal whose detail has the words, in their order. */
function refused(kind: string, ...words: readonly string[]): RegExp {
  return saying(kind, new RegExp(words.join('.*')))
}

function plain(value: JsonValue, userName?: string): JsonObject {
  return user(CUSTOM_URN, { plain: value }, userName)
}

function guarded(values: JsonObject): JsonObject {
  return user(GUARDED_URN, { grade: 'A', ...values })
}

describe('an attribute of which only the name is said (RFC 7643 §2.2)', () => {
  test('is a string', async () => {
    const refusal = await refusalOf(() => memoryService(CUSTOM_USER).create(plain(1)))
    expect(said(refusal)).toMatch(refused('invalidValue', 'plain', 'a string'))
  })

  test('has one value', async () => {
    const refusal = await refusalOf(() => memoryService(CUSTOM_USER).create(plain(['a', 'b'])))
    expect(said(refusal)).toMatch(refused('invalidValue', 'plain', 'a string'))
  })

  test('need not be there', async () => {
    const service = memoryService(CUSTOM_USER)
    const body = await service.create(user(CUSTOM_URN, { desk: { number: '1' } }))
    expect(shown(CUSTOM_URN, body)).toEqual({ desk: { number: '1' } })
  })

  test('takes any text, and is compared without regard to case', async () => {
    const service = memoryService(CUSTOM_USER)
    await service.create(plain('Anything At All'))
    expect(await service.find(`${CUSTOM_URN}:plain eq "anything at ALL"`)).toEqual(['ada'])
  })

  test('can be changed and removed', async () => {
    const service = memoryService(CUSTOM_USER)
    const { id } = await service.create(plain('a'))
    const path = `${CUSTOM_URN}:plain`
    const changed = await service.patch(id, [{ op: 'replace', path, value: 'b' }])
    expect(shown(CUSTOM_URN, changed)).toEqual({ plain: 'b' })
    const replaced = await service.replace(id, plain('c'))
    expect(shown(CUSTOM_URN, replaced)).toEqual({ plain: 'c' })
    expect(shown(CUSTOM_URN, await service.patch(id, [{ op: 'remove', path }]))).toBeUndefined()
  })

  test('is returned unless it is excluded', async () => {
    const service = memoryService(CUSTOM_USER)
    const { id } = await service.create(plain('a'))
    const path = `${CUSTOM_URN}:plain`
    expect(shown(CUSTOM_URN, await service.get(id))).toEqual({ plain: 'a' })
    const without = await service.get(id, { excludedattributes: path })
    expect(shown(CUSTOM_URN, without)).toBeUndefined()
    const others = await service.get(id, { attributes: 'userName' })
    expect(shown(CUSTOM_URN, others)).toBeUndefined()
  })

  test('may have the same value in several resources', async () => {
    const service = memoryService(CUSTOM_USER)
    await service.create(plain('a', 'ada'))
    await service.create(plain('a', 'bob'))
    expect(await service.find(`${CUSTOM_URN}:plain eq "a"`)).toEqual(['ada', 'bob'])
  })
})

describe('data types (RFC 7643 §2.3)', () => {
  test.each<[string, JsonValue, JsonValue]>([
    ['decimalValue', 1.5, 1.5],
    ['decimalValue', -2, -2],
    ['integerValue', 10, 10],
    ['integerValue', -1, -1],
    ['dateTimeValue', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    ['dateTimeValue', '2020-01-01T00:00:00.5+02:00', '2020-01-01T00:00:00.5+02:00'],
    ['booleanValue', false, false],
    ['binaryValue', 'AQI=', 'AQI='],
    ['binaryValue', 'AQI', 'AQI'],
    ['referenceValue', 'https://example.com/a', 'https://example.com/a'],
    ['referenceValue', '../Users/1', '../Users/1'],
  ])('%s takes %j', async (name, value, came) => {
    const body = await memoryService(TYPED_USER).create(user(TYPED_URN, { [name]: value }))
    expect(shown(TYPED_URN, body)).toEqual({ [name]: came })
  })

  test.each<[string, JsonValue, string]>([
    ['decimalValue', '1.5', 'a number'],
    ['decimalValue', true, 'a number'],
    ['integerValue', '10', 'a whole number without quotes'],
    ['integerValue', 1.5, 'an integer without a fraction'],
    ['dateTimeValue', '2020-01-01', 'a date and time'],
    ['dateTimeValue', '2020-13-01T00:00:00Z', 'a date and time'],
    ['dateTimeValue', 1_577_836_800, 'a string'],
    ['binaryValue', '***', 'base64'],
    ['binaryValue', 'AQ-_', 'base64'],
    ['referenceValue', 'http://[bad', 'a URL such as https://'],
  ])('%s does not take %j', async (name, value, expected) => {
    const body = user(TYPED_URN, { [name]: value })
    const refusal = await refusalOf(() => memoryService(TYPED_USER).create(body))
    expect(said(refusal)).toMatch(refused('invalidValue', name, expected))
  })

  test('an integer written with an exponent is the number that JSON says it is', async () => {
    const values: unknown = JSON.parse('{"integerValue": 1e3}')
    if (!isObject(values)) throw new Error('no object')
    const body = await memoryService(TYPED_USER).create(user(TYPED_URN, values))
    expect(JSON.stringify(shown(TYPED_URN, body))).toBe('{"integerValue":1000}')
  })

  test.each([
    ['integerValue gt 9', ['b10']],
    ['integerValue ge 9', ['a9', 'b10']],
    ['integerValue lt 10', ['a9']],
    ['integerValue le 9.5', ['a9']],
    ['integerValue eq 10', ['b10']],
    ['decimalValue gt 9.25', ['b10']],
    ['decimalValue lt 1e1', ['a9']],
  ])('numbers are compared as numbers: %s', async (filter, found) => {
    const service = memoryService(TYPED_USER)
    await service.create(user(TYPED_URN, { integerValue: 9, decimalValue: 9.25 }, 'a9'))
    await service.create(user(TYPED_URN, { integerValue: 10, decimalValue: 10.5 }, 'b10'))
    expect(await service.find(`${TYPED_URN}:${filter}`)).toEqual(found)
  })
})

describe('an extension that a resource type requires (RFC 7643 §6)', () => {
  const required = withExtensions(
    USER,
    GUARDED_USER.extensions
      .filter(({ schema }) => schema.id === GUARDED_URN)
      .map(({ schema }) => ({ schema, required: true })),
  )

  test('must be there', async () => {
    const body = { schemas: [URN.user], userName: 'ada' }
    const refusal = await refusalOf(() => memoryService(required).create(body))
    expect(said(refusal)).toMatch(refused('invalidValue', GUARDED_URN, 'required'))
  })

  test('must have its required attributes', async () => {
    const body = user(GUARDED_URN, { origin: 'a' })
    const refusal = await refusalOf(() => memoryService(required).create(body))
    expect(said(refusal)).toMatch(refused('invalidValue', `${GUARDED_URN}:grade`, 'required'))
  })

  test('is taken when it has, and cannot be removed', async () => {
    const service = memoryService(required)
    const created = await service.create(user(GUARDED_URN, { grade: 'A' }))
    expect(created['schemas']).toEqual([URN.user, GUARDED_URN])
    const removal = [{ op: 'remove', path: GUARDED_URN }]
    const refusal = await refusalOf(() => service.patch(created['id'], removal))
    expect(said(refusal)).toMatch(refused('mutability', GUARDED_URN))
    expect(shown(GUARDED_URN, await service.get(created['id']))).toEqual({ grade: 'A' })
  })

  test('may be missing where it is not required', async () => {
    const body = await memoryService(GUARDED_USER).create({ schemas: [URN.user], userName: 'ada' })
    expect(body['schemas']).toEqual([URN.user])
  })
})

describe('an immutable attribute (RFC 7643 §7)', () => {
  const path = `${GUARDED_URN}:origin`

  test('is set by POST', async () => {
    const body = await memoryService(GUARDED_USER).create(guarded({ origin: 'a' }))
    expect(shown(GUARDED_URN, body)).toEqual({ origin: 'a', grade: 'A' })
  })

  test.each<[string, (value: string) => JsonObject]>([
    ['replace', (value) => ({ op: 'replace', path, value })],
    ['add', (value) => ({ op: 'add', path, value })],
    [
      'replace without a path',
      (origin) => ({ op: 'replace', value: { [GUARDED_URN]: { origin } } }),
    ],
  ])('is set by PATCH %s when it is unset, and not again', async (_, operation) => {
    const service = memoryService(GUARDED_USER)
    const { id } = await service.create(guarded({}))
    expect(shown(GUARDED_URN, await service.patch(id, [operation('a')]))).toMatchObject({
      origin: 'a',
    })
    const refusal = await refusalOf(() => service.patch(id, [operation('b')]))
    expect(said(refusal)).toMatch(refused('mutability', path))
    expect(shown(GUARDED_URN, await service.get(id))).toMatchObject({ origin: 'a' })
  })

  test('stays as it is when PATCH says the same again', async () => {
    const service = memoryService(GUARDED_USER)
    const before = await service.create(guarded({ origin: 'a' }))
    const after = await service.patch(before['id'], [{ op: 'replace', path, value: 'a' }])
    expect(after).toEqual(before)
  })

  test('cannot be removed by PATCH', async () => {
    const service = memoryService(GUARDED_USER)
    const { id } = await service.create(guarded({ origin: 'a' }))
    const refusal = await refusalOf(() => service.patch(id, [{ op: 'remove', path }]))
    expect(said(refusal)).toMatch(refused('mutability', path))
  })

  test('is set by PUT when it is unset', async () => {
    const service = memoryService(GUARDED_USER)
    const { id } = await service.create(guarded({}))
    const replaced = await service.replace(id, guarded({ origin: 'a' }))
    expect(shown(GUARDED_URN, replaced)).toEqual({ origin: 'a', grade: 'A' })
  })

  test('must be the same in a PUT, or left out, and then stays', async () => {
    const service = memoryService(GUARDED_USER)
    const { id } = await service.create(guarded({ origin: 'a' }))
    const refusal = await refusalOf(() => service.replace(id, guarded({ origin: 'b' })))
    expect(said(refusal)).toMatch(refused('mutability', path))
    for (const body of [guarded({ origin: 'a' }), guarded({})]) {
      const replaced = await service.replace(id, body)
      expect(shown(GUARDED_URN, replaced)).toEqual({ origin: 'a', grade: 'A' })
    }
  })
})

describe('an attribute returned on request (RFC 7643 §7)', () => {
  const values = { hint: 'h', desk: { number: '1', hint: 'd' } }

  test('does not come unasked', async () => {
    const service = memoryService(CUSTOM_USER)
    const { id } = await service.create(user(CUSTOM_URN, values))
    expect(shown(CUSTOM_URN, await service.get(id))).toEqual({ desk: { number: '1' } })
    const others = await service.get(id, { excludedattributes: 'title' })
    expect(shown(CUSTOM_URN, others)).toEqual({ desk: { number: '1' } })
  })

  test.each<[string, JsonObject]>([
    ['hint', { hint: 'h' }],
    ['desk.hint', { desk: { hint: 'd' } }],
    ['desk', { desk: { number: '1' } }],
  ])('comes when attributes names it: %s', async (name, expected) => {
    const service = memoryService(CUSTOM_USER)
    const { id } = await service.create(user(CUSTOM_URN, values))
    const body = await service.get(id, { attributes: `${CUSTOM_URN}:${name}` })
    expect(shown(CUSTOM_URN, body)).toEqual(expected)
  })

  test('comes in the answer to a POST and a PUT that have it', async () => {
    const service = memoryService(CUSTOM_USER)
    const created = await service.create(user(CUSTOM_URN, values))
    expect(shown(CUSTOM_URN, created)).toEqual(values)
    const replaced = await service.replace(created['id'], user(CUSTOM_URN, { hint: 'i' }))
    expect(shown(CUSTOM_URN, replaced)).toEqual({ hint: 'i' })
    const without = await service.replace(created['id'], user(CUSTOM_URN, { plain: 'p' }))
    expect(shown(CUSTOM_URN, without)).toEqual({ plain: 'p' })
  })

  test('comes in the answer to a PATCH that sets it, and to no other', async () => {
    const service = memoryService(CUSTOM_USER)
    const { id } = await service.create(user(CUSTOM_URN, values))
    const set = [{ op: 'replace', path: `${CUSTOM_URN}:hint`, value: 'i' }]
    expect(shown(CUSTOM_URN, await service.patch(id, set))).toEqual({
      hint: 'i',
      desk: { number: '1' },
    })
    const again = await service.patch(id, set)
    expect(shown(CUSTOM_URN, again)).toEqual({ hint: 'i', desk: { number: '1' } })
    const other = [{ op: 'replace', path: 'title', value: 't' }]
    expect(shown(CUSTOM_URN, await service.patch(id, other))).toEqual({ desk: { number: '1' } })
  })

  test('does not come in the answer to a write whose attributes leave it out', async () => {
    const service = memoryService(CUSTOM_USER)
    const body = await service.create(user(CUSTOM_URN, values), { attributes: 'userName' })
    expect(shown(CUSTOM_URN, body)).toBeUndefined()
  })
})
