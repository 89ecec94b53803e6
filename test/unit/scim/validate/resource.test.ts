import { describe, expect, test } from 'vitest'
import { attribute, findAttribute, type Attribute } from '../../../../lib/scim/attribute.ts'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import { withExtensions, type ResourceType } from '../../../../lib/scim/resource-type.ts'
import { USER_SCHEMA } from '../../../../lib/scim/schema/user.ts'
import { MESSAGE, URN } from '../../../../lib/scim/urn.ts'
import { checkImmutable, checkResource } from '../../../../lib/scim/validate/final-state.ts'
import { canonicalResource } from '../../../../lib/scim/validate/resource.ts'
import {
  canonicalElement,
  canonicalElements,
  canonicalValue,
} from '../../../../lib/scim/validate/value.ts'
import { mentions, refusalOf, said } from '../../../support/refusal.ts'
import { workingTime } from '../../../support/working-time.ts'

const ENTERPRISE = URN.enterpriseUser

function user(body: JsonObject): JsonObject {
  return canonicalResource(USER, { schemas: [URN.user], userName: 'bjensen', ...body })
}

function group(body: JsonObject): JsonObject {
  return canonicalResource(GROUP, { schemas: [URN.group], displayName: 'Sales', ...body })
}

function values(count: number): JsonValue {
  return Array.from({ length: count }, (_, index) => ({ value: `v${index}` }))
}

const TENANT_URN = 'urn:example:tenant:2.0:User'

function tenantUser(attributes: readonly Attribute[], { required = false } = {}): ResourceType {
  const schema = { id: TENANT_URN, name: 'Tenant', description: 'Tenant attributes', attributes }
  return withExtensions(USER, [{ schema, required }])
}

function custom(declared: Partial<Attribute> & Pick<Attribute, 'name' | 'type'>): Attribute {
  return attribute({ description: declared.name, ...declared })
}

describe('the body', () => {
  test.each<[string, unknown]>([
    ['an array', []],
    ['null', null],
    ['a string', 'x'],
    ['a number', 5],
    ['nothing', undefined],
  ])('%s is no resource', async (what, body) => {
    expect(said(await refusalOf(() => canonicalResource(USER, body)))).toMatch(
      mentions('invalidSyntax', 'JSON object', what),
    )
  })

  test('keeps what the schemas know, in their order and spelling', () => {
    expect(
      user({
        TITLE: 'Engineer',
        externalid: 'Ext-1',
        active: true,
        NAME: { FamilyName: 'Jensen', GIVENNAME: 'Barbara' },
        userName: 'BJensen',
      }),
    ).toStrictEqual({
      externalId: 'Ext-1',
      userName: 'BJensen',
      name: { familyName: 'Jensen', givenName: 'Barbara' },
      title: 'Engineer',
      active: true,
    })
    expect(Object.keys(user({ active: true, title: 'x' }))).toEqual(['userName', 'title', 'active'])
  })

  test('ignores what is unknown or readOnly, whatever its type', () => {
    expect(
      user({
        id: 'mine',
        meta: 'x',
        groups: [{ value: 1 }, 7],
        foo: 1,
        'a.b.c': 2,
        'urn:example:unknown:2.0:User': { a: 1 },
        'urn:example:unknown:2.0:User:tag': 'x',
        name: { givenName: 'A', shoeSize: 9 },
      }),
    ).toEqual({ userName: 'bjensen', name: { givenName: 'A' } })
  })

  test('checks a password and does not keep it', async () => {
    expect(user({ password: 'secret' })).toEqual({ userName: 'bjensen' })
    expect(said(await refusalOf(() => user({ password: 5 })))).toMatch(
      mentions('invalidValue', 'password', 'a string', 'a number'),
    )
  })

  test('checks a writeOnly part of a complex value and does not keep it', async () => {
    const secret = custom({ name: 'secret', type: 'string', mutability: 'writeOnly' })
    const hint = custom({ name: 'hint', type: 'string' })
    const vault = custom({ name: 'vault', type: 'complex', subAttributes: [secret, hint] })
    expect(canonicalValue(vault, { secret: 'x', hint: 'h' }, 'vault')).toEqual({ hint: 'h' })
    expect(canonicalValue(vault, { secret: 'x' }, 'vault')).toBeUndefined()
    expect(said(await refusalOf(() => canonicalValue(vault, { secret: 5 }, 'vault')))).toMatch(
      mentions('invalidValue', 'vault.secret', 'a number'),
    )
  })

  test.each<[string, JsonObject, string]>([
    ['two spellings', { USERNAME: 'other' }, 'userName'],
    ['the URN form', { [`${URN.user}:userName`]: 'other' }, 'userName'],
    [
      'top level and extension',
      { department: 'A', [ENTERPRISE]: { Department: 'B' } },
      'department',
    ],
    ['two sub-attributes', { name: { givenName: 'A', GivenName: 'B' } }, 'name.givenName'],
    [
      'object and dotted key',
      { name: { givenName: 'A' }, 'name.givenName': 'B' },
      'name.givenName',
    ],
    ['two arrays', { emails: [{ value: 'a' }], Emails: [{ value: 'b' }] }, 'emails'],
    ['schemas', { SCHEMAS: [URN.user] }, 'schemas'],
  ])('refuses an attribute given twice: %s', async (_, body, path) => {
    expect(said(await refusalOf(() => user(body)))).toMatch(
      mentions('invalidSyntax', path, 'more than once'),
    )
  })

  test('an unassigned second spelling is no contradiction', () => {
    expect(user({ department: null, [ENTERPRISE]: { department: 'B' } })).toEqual({
      userName: 'bjensen',
      [ENTERPRISE]: { department: 'B' },
    })
  })

  test('names such as __proto__ change nothing', () => {
    const body: unknown = JSON.parse(`{
      "schemas": ["${URN.user}"], "userName": "a", "__proto__": {"title": "x"},
      "constructor": {"prototype": {"title": "x"}},
      "name": {"__proto__": {"givenName": "x"}, "familyName": "F"},
      "emails": [{"__proto__": {"value": "x"}, "value": "e"}],
      "${ENTERPRISE}": {"__proto__": {"department": "x"}}
    }`)
    const attributes = canonicalResource(USER, body)
    expect(attributes).toStrictEqual({
      userName: 'a',
      name: { familyName: 'F' },
      emails: [{ value: 'e' }],
    })
    expect(attributes['title']).toBeUndefined()
    expect({}).not.toHaveProperty('title')
  })
})

describe('schemas', () => {
  test.each<[string, JsonValue | undefined, readonly string[]]>([
    ['of another resource type', [URN.group], [URN.group]],
    ['of another resource type, as text', URN.group.toUpperCase(), [URN.group.toUpperCase()]],
    ['of another resource type and unknown', ['urn:x', URN.schema], [URN.schema]],
    ['of a message', [MESSAGE.patchOp], [MESSAGE.patchOp]],
    ['with something else than strings', [URN.user, 1], ['URNs', 'a number']],
    ['an object', { a: URN.user }, ['URNs', 'an object']],
  ])('is refused when %s', async (_, schemas, words) => {
    const body = { ...(schemas === undefined ? {} : { schemas }), userName: 'a' }
    expect(said(await refusalOf(() => canonicalResource(USER, body)))).toMatch(
      mentions('invalidSyntax', 'schemas', URN.user, ...words),
    )
  })

  test.each<[string, JsonObject]>([
    ['none', {}],
    ['null', { schemas: null }],
    ['an empty list', { schemas: [] }],
    ['one as a string', { schemas: URN.user }],
    ['those of drafts', { schemas: ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:core:1.0'] }],
    ['the extension alone', { schemas: [ENTERPRISE] }],
    ['unknown ones only', { schemas: ['urn:x:y'] }],
    ['another type beside its own', { schemas: [URN.group, URN.user] }],
    ['duplicates', { schemas: [URN.user, URN.user] }],
    ['another case', { schemas: [URN.user.toUpperCase()] }],
    ['another order', { schemas: [ENTERPRISE, URN.user] }],
    ['unknown URNs', { schemas: [URN.user, 'urn:x:y'] }],
    ['the misspelt enterprise URN', { schemas: [URN.user, ENTERPRISE.replace(':User', 'User')] }],
    ['its name in another case', { Schemas: [URN.user] }],
  ])('may have %s', (_, schemas) => {
    expect(canonicalResource(USER, { ...schemas, userName: 'a' })).toEqual({ userName: 'a' })
  })
})

describe('extensions', () => {
  const expected = { userName: 'bjensen', [ENTERPRISE]: { department: 'D' } }

  test.each<[string, JsonObject]>([
    ['under the URN', { [ENTERPRISE]: { department: 'D' } }],
    ['under the URN in another case', { [ENTERPRISE.toUpperCase()]: { DEPARTMENT: 'D' } }],
    ['at top level', { department: 'D' }],
    ['at top level in another case', { Department: 'D' }],
    ['by path', { [`${ENTERPRISE}:department`]: 'D' }],
    ['by path with a dot behind the URN', { [`${ENTERPRISE}.department`]: 'D' }],
  ])('an attribute %s', (_, body) => {
    expect(user(body)).toEqual(expected)
  })

  test.each<[string, JsonValue]>([
    ['null', null],
    ['an empty string', ''],
    ['an empty object', {}],
    ['only unassigned attributes', { department: null, manager: '' }],
    ['only unknown attributes', { shoeSize: 9 }],
  ])('%s leave no trace', (_, value) => {
    expect(user({ [ENTERPRISE]: value })).toEqual({ userName: 'bjensen' })
  })

  test('must be an object', async () => {
    expect(said(await refusalOf(() => user({ [ENTERPRISE]: 'x' })))).toMatch(
      mentions('invalidValue', ENTERPRISE, 'object', '"x" came'),
    )
  })

  test.each<[string, JsonValue]>([
    ['an id', '26118915'],
    ['an object', { value: '26118915' }],
    [
      'an object with $ref and displayName',
      { value: '26118915', $ref: '../U/1', displayName: 'x' },
    ],
    ['an array', [{ $ref: null, value: '26118915' }]],
    ['an array of an id', ['26118915']],
  ])('manager may be %s', (_, manager) => {
    const canonical = { userName: 'bjensen', [ENTERPRISE]: { manager: { value: '26118915' } } }
    expect(user({ manager })).toEqual(canonical)
    expect(user({ [ENTERPRISE]: { manager } })).toEqual(canonical)
    expect(user({ [`${ENTERPRISE}:manager`]: manager })).toEqual(canonical)
  })

  test.each<[string, JsonValue]>([
    ['null', null],
    ['an empty string', ''],
    ['an empty value', { value: '' }],
    ['a null value', { value: null }],
    ['an empty value with a name', { value: '', displayName: 'Boss', $ref: null }],
    ['an empty array', []],
  ])('manager is unassigned by %s', (_, manager) => {
    expect(user({ manager })).toEqual({ userName: 'bjensen' })
  })

  test.each<[string, JsonValue]>([
    ['bare', ' \n'],
    ['in an object', { value: ' \n' }],
    ['in an array', [{ value: '\t', displayName: 'Boss' }]],
  ])('white space is no id of a manager: %s', async (_, manager) => {
    expect(said(await refusalOf(() => user({ manager })))).toMatch(
      mentions('invalidValue', 'manager.value must be', 'white space alone'),
    )
  })

  test('a manager by $ref alone is refused, not lost', async () => {
    const manager = { $ref: 'https://example.com/Users/1' }
    expect(said(await refusalOf(() => user({ manager })))).toMatch(
      mentions('invalidValue', `${ENTERPRISE}:manager.value`, 'missing'),
    )
  })

  test('that are required must be there, with what they require', async () => {
    const type = tenantUser([custom({ name: 'grade', type: 'integer', required: true })], {
      required: true,
    })
    const body = { schemas: [URN.user], userName: 'a' }
    expect(said(await refusalOf(() => canonicalResource(type, body)))).toMatch(
      mentions('invalidValue', TENANT_URN, 'required'),
    )
    expect(canonicalResource(type, { ...body, grade: 3 })).toEqual({
      userName: 'a',
      [TENANT_URN]: { grade: 3 },
    })
  })

  test('that are not required are checked only when they are there', async () => {
    const type = tenantUser([
      custom({ name: 'level', type: 'integer', required: true }),
      custom({ name: 'color', type: 'string' }),
    ])
    const body = { schemas: [URN.user], userName: 'a' }
    expect(canonicalResource(type, body)).toEqual({ userName: 'a' })
    expect(said(await refusalOf(() => canonicalResource(type, { ...body, color: 'red' })))).toMatch(
      mentions('invalidValue', `${TENANT_URN}:level`, 'required'),
    )
  })
})

describe('paths as keys', () => {
  test('build one complex value', () => {
    expect(
      user({
        'name.familyName': 'F',
        name: { givenName: 'G' },
        [`${URN.user}:name.middleName`]: 'M',
        'manager.value': '1',
        'manager.$ref': 'https://example.com/Users/1',
        'manager.displayName': 'Boss',
      }),
    ).toEqual({
      userName: 'bjensen',
      name: { familyName: 'F', givenName: 'G', middleName: 'M' },
      [ENTERPRISE]: { manager: { value: '1' } },
    })
  })

  test('of a multi-valued attribute cannot say which element', async () => {
    expect(said(await refusalOf(() => user({ 'emails.value': 'a@b.example' })))).toMatch(
      mentions('invalidValue', 'emails', 'array'),
    )
  })

  test('name the sub-attribute in errors', async () => {
    expect(said(await refusalOf(() => user({ 'name.givenName': 5 })))).toMatch(
      mentions('invalidValue', 'name.givenName', 'the number 5 came'),
    )
  })
})

describe('required attributes', () => {
  test.for<JsonValue>([null, '', [], {}])('userName %j is missing', async (userName) => {
    expect(said(await refusalOf(() => user({ userName })))).toMatch(
      mentions('invalidValue', 'userName', 'required'),
    )
  })

  test('userName and displayName must be there', async () => {
    expect(said(await refusalOf(() => canonicalResource(USER, { schemas: [URN.user] })))).toMatch(
      mentions('invalidValue', 'userName'),
    )
    expect(said(await refusalOf(() => canonicalResource(GROUP, { schemas: [URN.group] })))).toMatch(
      mentions('invalidValue', 'displayName'),
    )
  })
})

describe('types', () => {
  test.each<[string, JsonValue, string, string]>([
    ['userName', 123, 'a string', 'the number 123 came'],
    ['userName', true, 'a string', 'the boolean true came'],
    ['userName', ['a', 'b'], 'a string', 'an array'],
    ['userName', [['a']], 'a string', 'an array'],
    ['nickName', [{ value: 'a', other: 'b' }], 'a string', 'an object'],
    ['nickName', { value: 'a' }, 'a string', 'an object'],
    ['userName', { a: 1 }, 'a string', 'an object'],
    ['active', 'yes', 'true or false (or "True", "False")', '"yes" came'],
    ['active', 1, 'true or false', 'the number 1 came'],
    ['name', 'Anna', 'an object with formatted, familyName', '"Anna" came'],
    ['name', 5, 'an object', 'the number 5 came'],
    ['emails', 5, 'an object', 'the number 5 came'],
    ['addresses', 5, 'or a string for its formatted', 'the number 5 came'],
    ['addresses', [['a']], 'an object', 'an array'],
    ['emails', [[{ value: 'a@b.example' }]], 'an object', 'an array'],
    ['emails', [{ value: 5 }], 'a string', 'the number 5 came'],
    ['emails', [{ value: 'a', primary: 'x' }], 'true or false', '"x" came'],
  ])('%s: %j is refused', async (name, value, expected, came) => {
    expect(said(await refusalOf(() => user({ [name]: value })))).toMatch(
      mentions('invalidValue', name, expected, came),
    )
  })

  test('a sub-attribute that should be simple cannot be an object', async () => {
    expect(said(await refusalOf(() => user({ name: { givenName: { x: 1 } } })))).toMatch(
      mentions('invalidValue', 'name.givenName'),
    )
  })

  const declared: Readonly<Record<string, Attribute>> = {
    level: custom({ name: 'level', type: 'integer' }),
    ratio: custom({ name: 'ratio', type: 'decimal' }),
    start: custom({ name: 'start', type: 'dateTime' }),
    key: custom({ name: 'key', type: 'binary' }),
    link: custom({ name: 'link', type: 'reference', referenceTypes: ['external'] }),
  }
  const canonical = (name: string, value: JsonValue): JsonValue | undefined => {
    const found = declared[name]
    if (found === undefined) throw new Error(`no attribute ${name}`)
    return canonicalValue(found, value, name)
  }

  test.each<[string, JsonValue]>([
    ['level', 5],
    ['level', -5],
    ['level', 0],
    ['ratio', 1.5],
    ['ratio', 3],
    ['start', '2020-01-01T00:00:00Z'],
    ['start', '2008-01-23T04:56:22.123456+02:00'],
    ['start', '2020-02-29T23:59:59-14:00'],
    ['start', '2020-01-01T00:00:00'],
    ['start', '2020-01-01T24:00:00Z'],
    ['key', 'YWJj'],
    ['key', 'YWI='],
    ['key', 'YWI'],
    ['key', 'YQ=='],
    ['key', 'YQ'],
    ['key', '+/+/'],
    ['link', 'https://example.com/a?b=c#d'],
    ['link', '/Users/1'],
    ['link', '../photo.png'],
    ['link', 'PU'],
    ['link', '?q'],
    ['link', 'urn:ietf:params:scim:schemas:core:2.0:User'],
    ['link', 'data:image/png;base64,AAAA'],
    ['link', 'https://example.com/josé'],
    ['link', 'https://[2001:db8::1]/'],
  ])('%s takes %j', (name, value) => {
    expect(canonical(name, value)).toBe(value)
  })

  test.each<[string, JsonValue, string]>([
    ['level', 1.5, 'integer'],
    ['level', '5', 'a whole number without quotes; "5" came'],
    ['level', Number.POSITIVE_INFINITY, 'number'],
    ['level', 2 ** 53, 'integer'],
    ['ratio', '1.5', 'a number without quotes; "1.5" came'],
    ['ratio', Number.NEGATIVE_INFINITY, 'number'],
    ['start', '2020-01-01', 'date and time'],
    ['start', '2020-01-01 00:00:00Z', 'date and time'],
    ['start', '2020-13-01T00:00:00Z', 'date and time'],
    ['start', '2021-02-29T00:00:00Z', 'date and time'],
    ['start', '0000-01-01T00:00:00Z', 'date and time'],
    ['start', '2020-01-01T25:00:00Z', 'date and time'],
    ['start', '2020-01-01T24:00:01Z', 'date and time'],
    ['start', '2020-01-01T00:60:00Z', 'date and time'],
    ['start', '2020-01-01T00:00:00.Z', 'date and time'],
    ['start', '2020-01-01T00:00:00+15:00', 'date and time'],
    ['start', '2020-01-01T00:00Z', 'date and time'],
    ['start', '2020-01-01T00:00:00Z\n', 'date and time'],
    ['start', 1_577_836_800, 'a string with a date and time'],
    ['key', '***', 'base64'],
    ['key', 'YWI=YWI=', 'base64'],
    ['key', 'YWI==', 'base64'],
    ['key', 'YWJj=', 'base64'],
    ['key', 'YWJjZ', 'base64'],
    ['key', '-_-_', 'base64'],
    ['key', 'YW Jj', 'base64'],
    ['link', 'not a url', 'a URL such as https://'],
    ['link', 'http://[bad', 'a URL such as https://'],
    ['link', 'https://', 'a URL such as https://'],
    ['link', 'a\nb', 'a URL such as https://'],
    ['link', '<script>', 'a URL such as https://'],
    ['link', 'https://example.com/%zz', 'a URL such as https://'],
    ['link', '1a:b', 'a URL such as https://'],
  ])('%s refuses %j', async (name, value, words) => {
    expect(said(await refusalOf(() => canonical(name, value)))).toMatch(
      mentions('invalidValue', words),
    )
  })
})

describe('formats of single attributes', () => {
  test.each<[string, string]>([
    ['locale', 'en-US'],
    ['locale', 'en_US'],
    ['locale', 'LC'],
    ['preferredLanguage', 'en-US, fr;q=0.5'],
    ['preferredLanguage', 'en-US,*;q=0'],
    ['preferredLanguage', 'nus-SS'],
    ['preferredLanguage', 'EBBINEPPNBDO'],
    ['timezone', 'America/Los_Angeles'],
    ['timezone', 'Pacific Standard Time'],
    ['profileUrl', 'PU'],
  ])('%s may be "%s"', (name, text) => {
    expect(user({ [name]: text })).toEqual({ userName: 'bjensen', [name]: text })
  })

  test.each<[string, string, string]>([
    ['locale', 'en US', 'language tag'],
    ['preferredLanguage', '***', 'language tags'],
    ['preferredLanguage', 'en,', 'language tags'],
    ['preferredLanguage', 'en;q=2', 'language tags'],
    ['profileUrl', 'not a url', 'a URL such as https://'],
  ])('%s may not be "%s"', async (name, text, words) => {
    expect(said(await refusalOf(() => user({ [name]: text })))).toMatch(
      mentions('invalidValue', name, words),
    )
  })

  test.each([
    'https://example.com/ada.jpg',
    'HTTPS://example.com',
    'https://example.com:8443/p?sig=a%2Fb#x',
    'https://例え.jp/写真.png',
  ])('%s may be a photo', (value) => {
    expect(user({ photos: [{ value, type: 'Thumbnail' }] })['photos']).toEqual([
      { value, type: 'thumbnail' },
    ])
  })

  test.each([
    ['http://example.com/a', '"http://example.com/a"'],
    ['http://example.com/ada.jpg', '"http://example.com/a…"'],
    ['example.com/p.png', '"example.com/p.png"'],
    ['/p.png', '"/p.png"'],
    ['//example.com/p.png', '"//example.com/p.png"'],
    ['https:example.com', '"https:example.com"'],
    ['https://', '"https://"'],
    ['https://[bad', '"https://[bad"'],
    ['javascript:alert(1)', '"javascript:alert(1)"'],
    ['data:image/png;base64,iVBORw0KGgo=', '"data:image/png;base6…"'],
    ['iVBORw0KGgo=', '"iVBORw0KGgo="'],
  ])('%s may not', async (value, came) => {
    expect(said(await refusalOf(() => user({ photos: [{ value, type: 'photo' }] })))).toBe(
      `invalidValue: photos.value must be an absolute https URL such as https://example.com/ada.jpg; ${came} came.`,
    )
  })

  test('a photo with a blank in it is no URL at all', async () => {
    const photos = [{ value: 'https://example.com/a b.jpg' }]
    expect(said(await refusalOf(() => user({ photos })))).toMatch(
      /photos\.value must be a URL such as https:/,
    )
  })

  test('photos are URLs, certificates base64, countries free text', async () => {
    expect(said(await refusalOf(() => user({ photos: [{ value: 'a b' }] })))).toMatch(
      mentions('invalidValue', 'photos.value', 'an absolute https URL such as https://'),
    )
    expect(
      said(await refusalOf(() => user({ x509Certificates: [{ value: '-----BEGIN' }] }))),
    ).toMatch(mentions('invalidValue', 'x509Certificates.value', 'base64'))
    const addresses = [{ country: 'Sierra Leone', formatted: 'a\nb' }]
    expect(user({ addresses })['addresses']).toEqual([
      { formatted: 'a\nb', country: 'Sierra Leone' },
    ])
  })
})

describe('names that can be told apart by eye', () => {
  test.each(['Ada Lovelace', 'ada@example.com', 'می\u200Cخواهم', 'क्\u200Dष', '用户', 'a'])(
    'userName may be "%s"',
    (userName) => {
      expect(user({ userName })).toEqual({ userName })
    },
  )

  test.each<[string, string]>([
    ['white space only', ' \u00A0\u3000'],
    ['invisible characters only', '\u200D'],
    ['a space before it', ' ada'],
    ['a line feed behind it', 'ada\n'],
    ['an ideographic space behind it', 'ada\u3000'],
    ['U+0000', 'a\u0000da'],
    ['a tab', 'a\tda'],
    ['a zero width space', 'a\u200Bda'],
    ['a right-to-left override', 'a\u202Eda'],
    ['a byte order mark', '\uFEFFada'],
    ['a soft hyphen', 'a\u00ADda'],
    ['a filler', 'ada\u3164'],
    ['a blank of Braille', 'ad\u2800min'],
    ['blanks of Braille alone', '\u2800'],
    ['a joiner between ASCII letters', 'ad\u200Dmin'],
    ['a non-joiner between ASCII letters', 'ad\u200Cmin'],
    ['a joiner between ASCII letter and digit', 'admin\u200D9'],
    ['two joiners between ASCII letters', 'ad\u200C\u200Dmin'],
    ['a joiner between full-width letters', 'Ａ\u200DＢ'],
    ['a joiner before it', '\u200Dadmin'],
  ])('userName may not have %s', async (_, userName) => {
    expect(said(await refusalOf(() => user({ userName })))).toMatch(
      mentions('invalidValue', 'userName must be a name', 'invisible'),
    )
  })

  test.each(['Sales\u200B', 'Sa les', '👩\u200D🔬 Lab'])('a group may be "%s"', (displayName) => {
    expect(group({ displayName })).toEqual({ displayName })
  })

  test.each([' ', '\u200B', 'Sa\u0000les', 'Sa\nles', '\u2800'])(
    'a group may not be %j',
    async (displayName) => {
      expect(said(await refusalOf(() => group({ displayName })))).toMatch(
        mentions('invalidValue', 'displayName must be a name', 'control characters'),
      )
    },
  )

  test("a user's displayName is free text", () => {
    expect(user({ displayName: ' ' })).toEqual({ userName: 'bjensen', displayName: ' ' })
  })
})

/** Combining marks of two classes in turn. */
function marks(count: number): string {
  return '\u0301\u0323'.repeat(count).slice(0, count)
}

describe('combining marks in a row', () => {
  test.each<[string, (text: string) => JsonObject]>([
    ['userName', (userName) => ({ userName })],
    ['externalId', (externalId) => ({ externalId })],
    ['name.givenName', (givenName) => ({ name: { givenName } })],
    ['emails.value', (value) => ({ emails: [{ value }] })],
    ['profileUrl', (text) => ({ profileUrl: `https://x/${text}` })],
    ['password', (password) => ({ password })],
  ])('%s may have 30, no more', async (path, body) => {
    const tooMany = said(await refusalOf(() => user(body(`a${marks(31)}`))))
    expect(tooMany).toMatch(mentions('invalidValue', path, 'at most 30 combining marks in a row'))
    expect(() => user(body(`a${marks(30)}b${marks(30)}`))).not.toThrow()
  })

  test('are counted in the ids of members', async () => {
    const members = [{ value: `a${marks(31)}` }]
    expect(said(await refusalOf(() => group({ members })))).toMatch(
      mentions('invalidValue', 'members.value', 'combining marks'),
    )
  })

  test('take no time, however many come', async () => {
    const worked = workingTime()
    await refusalOf(() => user({ profileUrl: `https://x/${marks(65_000)}` }))
    expect(worked()).toBeLessThan(100)
  })
})

describe('limits', () => {
  test.each<[string, number, (text: string) => JsonObject]>([
    ['title', 8192, (text) => ({ title: text })],
    ['emails.display', 8192, (text) => ({ emails: [{ value: 'a', display: text }] })],
    ['password', 8192, (text) => ({ password: text })],
    [
      'photos.value',
      65_536,
      (text) => ({ photos: [{ value: text.replace(/^a{12}/, 'https://x.y/') }] }),
    ],
    ['x509Certificates.value', 65_536, (text) => ({ x509Certificates: [{ value: text }] })],
  ])('%s has at most %i characters', async (path, most, body) => {
    expect(() => user(body('a'.repeat(most)))).not.toThrow()
    expect(said(await refusalOf(() => user(body('a'.repeat(most + 4)))))).toMatch(
      mentions('invalidValue', path, String(most), String(most + 4)),
    )
  })

  test('half of a surrogate pair is refused, a whole one kept', async () => {
    expect(said(await refusalOf(() => user({ title: 'a\uD800' })))).toMatch(
      mentions('invalidValue', 'title', 'Unicode'),
    )
    expect(user({ title: '😀' })['title']).toBe('😀')
  })

  test.each<[string, number]>([
    ['emails', 30],
    ['phoneNumbers', 1000],
  ])('%s has at most %i values', async (name, most) => {
    expect(user({ [name]: values(most) })[name]).toHaveLength(most)
    expect(said(await refusalOf(() => user({ [name]: values(most + 1) })))).toMatch(
      mentions('invalidValue', name, String(most), String(most + 1)),
    )
  })

  test('members are rows of their own and not limited', () => {
    expect(group({ members: values(1500) })['members']).toHaveLength(1500)
  })
})

describe('multi-valued attributes', () => {
  test.for<JsonValue>([
    null,
    [],
    '',
    [null],
    [{}],
    [{ value: null }],
    [{ value: '', type: 'work' }],
  ])('emails %j is unassigned', (emails) => {
    expect(user({ emails })).toEqual({ userName: 'bjensen' })
  })

  test('drop nulls inside their elements', () => {
    const addresses = [{ country: null, formatted: 'F', type: 'other', primary: false, region: '' }]
    expect(user({ addresses })['addresses']).toEqual([
      { formatted: 'F', type: 'other', primary: false },
    ])
  })

  test('drop a duplicate, in whatever case, and keep the same value of another type', () => {
    const emails = [
      { value: 'a@b.example', type: 'work', display: 'first' },
      { type: 'WORK', value: 'a@b.example', display: 'second' },
      { value: 'a@b.example', type: 'home' },
      { value: 'A@b.example', type: 'work' },
    ]
    expect(user({ emails })['emails']).toEqual([
      { value: 'a@b.example', display: 'first', type: 'work' },
      { value: 'a@b.example', type: 'home' },
    ])
  })

  test('keep what differs in case where the schema says caseExact', () => {
    const photos = [{ value: 'https://x/a' }, { value: 'https://x/A' }, { value: 'https://x/a' }]
    expect(user({ photos })['photos']).toEqual(photos.slice(0, 2))
  })

  test('drop an address that is there twice, and only that', () => {
    const addresses = [
      { locality: 'L', type: 'work' },
      { type: 'work', locality: 'L' },
      { locality: 'M', type: 'work' },
    ]
    expect(user({ addresses })['addresses']).toEqual([
      { locality: 'L', type: 'work' },
      { locality: 'M', type: 'work' },
    ])
  })

  test('keep the first of two primaries', () => {
    const emails = [{ value: 'a', primary: 'True' }, { value: 'b', primary: true }, { value: 'c' }]
    expect(user({ emails })['emails']).toEqual([
      { value: 'a', primary: true },
      { value: 'b', primary: false },
      { value: 'c' },
    ])
  })

  test('have their labels in the canonical spelling, others as they came', () => {
    const emails = [
      { value: 'a', type: 'WORK' },
      { value: 'b', type: 'Custom' },
    ]
    expect(user({ emails })['emails']).toEqual([
      { value: 'a', type: 'work' },
      { value: 'b', type: 'Custom' },
    ])
  })

  test("Entra's roles keep their elements, displayName as display", () => {
    const roles = [
      { primary: false, type: 'R', displayName: 'Admin', value: 'Admin' },
      { primary: false, type: 'R', displayName: 'User', value: 'User' },
    ]
    expect(user({ roles })['roles']).toEqual([
      { value: 'Admin', display: 'Admin', type: 'R', primary: false },
      { value: 'User', display: 'User', type: 'R', primary: false },
    ])
  })

  test('of simple type are arrays of that type, or one of it', async () => {
    const tags = custom({ name: 'tags', type: 'string', multiValued: true })
    expect(canonicalValue(tags, ['a', null, 'a', 'b', ''], 'tags')).toEqual(['a', 'b'])
    expect(canonicalValue(tags, 'a', 'tags')).toEqual(['a'])
    expect(said(await refusalOf(() => canonicalValue(tags, [['a']], 'tags')))).toMatch(
      mentions('invalidValue', 'tags', 'a string'),
    )
  })

  test('name the element that is of the wrong type', async () => {
    expect(said(await refusalOf(() => user({ emails: [{ value: 'a' }, true] })))).toBe(
      'invalidValue: emails[1] must be an object with value, display, type, primary, or a string for its value; the boolean true came.',
    )
    expect(said(await refusalOf(() => user({ emails: [{ value: 1 }] })))).toMatch(
      mentions('invalidValue', 'emails.value must be a string'),
    )
    expect(said(await refusalOf(() => group({ members: [{ value: 'a' }, 7] })))).toMatch(
      mentions('invalidValue', 'members[1] must be an object'),
    )
  })

  test('take a single value through canonicalElements', () => {
    const emails = findAttribute(USER_SCHEMA.attributes, 'emails')
    if (emails === undefined) throw new Error('no emails')
    expect(canonicalElements(emails, { value: 'a' }, 'emails')).toEqual([{ value: 'a' }])
    expect(canonicalElements(emails, null, 'emails')).toEqual([])
    expect(canonicalElement(emails, { value: 'a', type: 'Home' }, 'emails')).toEqual({
      value: 'a',
      type: 'home',
    })
    expect(canonicalElement(emails, null, 'emails')).toBeUndefined()
  })
})

describe('members', () => {
  test('are kept as value and type', () => {
    const members = [
      { value: 'u1', $ref: null, type: 'user' },
      { value: 'u2', $ref: 'https://elsewhere.example/Users/u2', displayName: null },
      'u3',
      { value: 'u2' },
    ]
    expect(group({ members })).toEqual({
      displayName: 'Sales',
      members: [{ value: 'u1', type: 'User' }, { value: 'u2' }, { value: 'u3' }],
    })
  })

  test.for<JsonValue>([[{ $ref: 'https://example.com/Users/1' }], [{ display: 'x' }]])(
    '%j has no id',
    async (members) => {
      expect(said(await refusalOf(() => group({ members })))).toMatch(
        mentions('invalidValue', 'members.value', 'missing'),
      )
    },
  )
})

function typedEmails(count: number, type: string): readonly JsonObject[] {
  return Array.from({ length: count }, (_, n) => ({ value: `${String(n)}@x`, type }))
}

describe('checkResource', () => {
  test('wants what is required', async () => {
    expect(said(await refusalOf(() => checkResource(USER, { title: 'x' })))).toMatch(
      mentions('invalidValue', 'userName', 'required'),
    )
    expect(() => checkResource(USER, { userName: 'x' })).not.toThrow()
  })

  test('wants required sub-attributes', async () => {
    const part = custom({ name: 'code', type: 'string', required: true })
    const type = tenantUser([
      custom({ name: 'office', type: 'complex', subAttributes: [part] }),
      custom({ name: 'desks', type: 'complex', multiValued: true, subAttributes: [part] }),
    ])
    const check =
      (extension: JsonObject): (() => void) =>
      () => {
        checkResource(type, { userName: 'x', [TENANT_URN]: extension })
      }
    expect(check({ office: { code: 'a' }, desks: [{ code: 'b' }] })).not.toThrow()
    expect(said(await refusalOf(check({ office: {} })))).toMatch(
      mentions('invalidValue', `${TENANT_URN}:office.code`),
    )
    expect(said(await refusalOf(check({ desks: [{ code: 'b' }, {}] })))).toMatch(
      mentions('invalidValue', `${TENANT_URN}:desks.code`),
    )
  })

  test('does not miss what this endpoint assigns or does not keep', () => {
    const type = tenantUser([
      custom({ name: 'number', type: 'integer', required: true, mutability: 'readOnly' }),
      custom({ name: 'secret', type: 'string', required: true, mutability: 'writeOnly' }),
      custom({ name: 'color', type: 'string' }),
    ])
    expect(() =>
      checkResource(type, { userName: 'x', [TENANT_URN]: { color: 'red' } }),
    ).not.toThrow()
  })

  test('allows one primary', async () => {
    const emails = [
      { value: 'a', primary: true },
      { value: 'b', primary: true },
    ]
    expect(said(await refusalOf(() => checkResource(USER, { userName: 'x', emails })))).toMatch(
      mentions('invalidValue', 'emails', 'primary'),
    )
  })

  test('counts the values of an attribute that a tenant has indexed', async () => {
    const tags = custom({ name: 'tags', type: 'string', multiValued: true })
    const type = tenantUser([tags])
    const indexed = { ...type, valueLimits: { [`${TENANT_URN}:tags`]: 40 } }
    const resource = {
      userName: 'x',
      [TENANT_URN]: { tags: Array.from({ length: 41 }, (_, index) => String(index)) },
    }
    expect(() => checkResource(type, resource)).not.toThrow()
    expect(said(await refusalOf(() => checkResource(indexed, resource)))).toMatch(
      mentions('invalidValue', `${TENANT_URN}:tags`, '40'),
    )
  })

  test('lets values be that are stored, however many the limit allows now', async () => {
    const [before, after] = [typedEmails(40, 'work'), typedEmails(39, 'home')]
    const kept = { userName: 'x', emails: after }
    expect(() => checkResource(USER, kept, { userName: 'y', emails: before })).not.toThrow()
    const other = { userName: 'x', emails: [...after, { value: 'other' }] }
    expect(
      said(await refusalOf(() => checkResource(USER, other, { ...kept, emails: before }))),
    ).toMatch(mentions('invalidValue', 'emails', 'at most 30 values, 40 came'))
  })
})

describe('checkImmutable', () => {
  const badge = custom({ name: 'badge', type: 'string', mutability: 'immutable' })
  const plate = custom({ name: 'plate', type: 'string', mutability: 'immutable' })
  const color = custom({ name: 'color', type: 'string' })
  const type = tenantUser([
    badge,
    color,
    custom({ name: 'car', type: 'complex', subAttributes: [plate, color] }),
  ])
  const put = (before: JsonObject, after: JsonObject): JsonObject =>
    checkImmutable(
      type,
      { userName: 'a', title: 'old', [TENANT_URN]: before },
      Object.keys(after).length === 0 ? { userName: 'a' } : { userName: 'a', [TENANT_URN]: after },
    )

  test.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['the same value', { badge: '1' }, { badge: '1' }, { badge: '1' }],
    ['a left out value', { badge: '1' }, { color: 'red' }, { badge: '1', color: 'red' }],
    ['a left out extension', { badge: '1', color: 'red' }, {}, { badge: '1' }],
    ['no value before', { color: 'red' }, { badge: '2' }, { badge: '2' }],
    ['a part of a complex value', { car: { plate: 'P', color: 'x' } }, {}, { car: { plate: 'P' } }],
    [
      'a part beside a changed one',
      { car: { plate: 'P' } },
      { car: { color: 'y' } },
      { car: { plate: 'P', color: 'y' } },
    ],
  ])('%s', (_, before, after, expected) => {
    expect(put(before, after)).toEqual({ userName: 'a', [TENANT_URN]: expected })
  })

  test('readWrite attributes are taken from the body, removed ones too', () => {
    expect(put({ color: 'red' }, {})).toEqual({ userName: 'a' })
    expect(put({ color: 'red' }, { color: 'blue' })).toEqual({
      userName: 'a',
      [TENANT_URN]: { color: 'blue' },
    })
  })

  test('another value is refused', async () => {
    expect(said(await refusalOf(() => put({ badge: '1' }, { badge: '2' })))).toMatch(
      mentions('mutability', `${TENANT_URN}:badge`),
    )
    expect(
      said(await refusalOf(() => put({ car: { plate: 'P' } }, { car: { plate: 'Q' } }))),
    ).toMatch(mentions('mutability', `${TENANT_URN}:car.plate`))
  })
})
