import { describe, expect, test } from 'vitest'
import {
  listOfResourceTypes,
  listOfSchemas,
  resourceTypeNamed,
  schemaWithUrn,
  serviceProviderConfig,
} from '../../../lib/scim/discovery.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'
import { LIMITS } from '../../../lib/scim/limits.ts'
import { DEFAULT_RESOURCE_TYPES as TYPES } from '../../../lib/scim/default-resource-types.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'
/** RFC 7643 §8.7 with its verified errata. */
import published from '../../support/rfc7643-schemas.json' with { type: 'json' }

const BASE_URL = 'https://scim.example/api/scim'

/** Characteristics by path, such as `emails.value`; `''` is the schema itself. */
type Characteristics = ReadonlyMap<string, JsonObject>

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

function textIn(object: JsonObject, name: string): string {
  const value = object[name]
  if (typeof value !== 'string') throw new Error(`${name} is no text.`)
  return value
}

/** RFC 7643 §2.2: what a definition leaves out. */
const DEFAULTS: JsonObject = {
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
}

function characteristicsOf(definition: JsonObject): Characteristics {
  const { id = null, name = null, description = null } = definition
  const found = new Map<string, JsonObject>([['', { id, name, description }]])
  const visit = (attributes: JsonValue | undefined, prefix: string): void => {
    for (const { subAttributes, ...rest } of objectsIn(attributes)) {
      const path = `${prefix}${textIn(rest, 'name')}`
      found.set(path, { ...DEFAULTS, ...rest, description: plain(textIn(rest, 'description')) })
      visit(subAttributes, `${path}.`)
    }
  }
  visit(definition['attributes'], '')
  return found
}

/** The RFC separates sentences by two spaces, here and there. */
function plain(description: string): string {
  return description.replaceAll(/ +/g, ' ')
}

/** One line for each difference: `path characteristic: theirs -> ours`. */
function differences(theirs: Characteristics, ours: Characteristics): readonly string[] {
  const paths = new Set([...theirs.keys(), ...ours.keys()])
  return [...paths].flatMap((path) => {
    const [before, after] = [theirs.get(path), ours.get(path)]
    if (before === undefined) return [`+ ${path}`]
    if (after === undefined) return [`- ${path}`]
    const names = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...names].flatMap((name) => {
      const [was, is] = [before, after].map((each) => JSON.stringify(each[name] ?? []))
      return was === is ? [] : [`${path} ${name}: ${was} -> ${is}`]
    })
  })
}

/** RFC 7643 §2.3.6 and §2.3.7: binary values and references are case exact, whatever §8.7 says (erratum 6001). */
const exact = (path: string): string => `${path} caseExact: false -> true`

/** Where this endpoint departs from the published schemas, and why. */
const DELIBERATE: Readonly<Record<string, readonly string[]>> = {
  [URN.user]: [
    exact('profileUrl'),
    exact('photos.value'),
    // Ids are case exact; erratum 8472 says so of manager.value.
    exact('groups.value'),
    exact('groups.$ref'),
    exact('x509Certificates.value'),
    // RFC 7643 §2.4 gives every multi-valued attribute a primary.
    '+ addresses.primary',
  ],
  [URN.group]: [
    // docs/decisions.md: Entra needs one hit for one name.
    'displayName uniqueness: "none" -> "server"',
    exact('members.value'),
    exact('members.$ref'),
    // Erratum 6011: RFC 7643 §8.4 shows it.
    '+ members.display',
  ],
  [URN.enterpriseUser]: [
    exact('manager.$ref'),
    // It is the manager's own, and read where it is asked for only.
    'manager.displayName returned: "default" -> "request"',
  ],
  [URN.serviceProviderConfig]: [
    exact('documentationUri'),
    exact('authenticationSchemes.specUri'),
    exact('authenticationSchemes.documentationUri'),
    // RFC 7643 §5 has them, §8.7.2 forgets them (erratum 8011).
    '+ authenticationSchemes.type',
    '+ authenticationSchemes.primary',
    '+ etag',
    '+ etag.supported',
    // RFC 9865 §4.
    '+ pagination',
    '+ pagination.cursor',
    '+ pagination.index',
    '+ pagination.defaultPaginationMethod',
    '+ pagination.defaultPageSize',
    '+ pagination.maxPageSize',
    '+ pagination.cursorTimeout',
  ],
  [URN.resourceType]: [exact('endpoint')],
  [URN.schema]: [],
}

describe('/Schemas', () => {
  test.each(published.map((definition): [string, JsonObject] => [definition.id, definition]))(
    'is RFC 7643 §8.7 with its verified errata, but for what is meant: %s',
    (urn, definition) => {
      const ours = characteristicsOf(schemaWithUrn(TYPES, BASE_URL, urn))
      expect(differences(characteristicsOf(definition), ours)).toEqual(DELIBERATE[urn])
    },
  )

  test('lists these schemas, that of people, and no others', () => {
    const { totalResults, itemsPerPage, startIndex, Resources } = listOfSchemas(TYPES, BASE_URL)
    const ids = Resources.map(({ id }) => id)
    expect(new Set(ids)).toEqual(new Set([...published.map(({ id }) => id), URN.peopleUser]))
    expect([totalResults, itemsPerPage, startIndex]).toEqual([ids.length, ids.length, 1])
  })

  test('lists what it answers one by one', () => {
    for (const each of listOfSchemas(TYPES, BASE_URL).Resources) {
      expect(schemaWithUrn(TYPES, BASE_URL, textIn(each, 'id'))).toEqual(each)
    }
  })

  test.each(listOfSchemas(TYPES, BASE_URL).Resources)('$id is a resource with a place', (each) => {
    expect(each['schemas']).toEqual([URN.schema])
    expect(each['meta']).toEqual({
      resourceType: 'Schema',
      location: `${BASE_URL}/Schemas/${textIn(each, 'id')}`,
    })
  })

  test('is described by itself: every characteristic of every attribute is one of the Schema schema', () => {
    const known = new Map(
      [...characteristicsOf(schemaWithUrn(TYPES, BASE_URL, URN.schema))].map(
        ([path, { type = '' }]) => [path, type],
      ),
    )
    const described = (attributes: JsonValue | undefined, prefix: string): void => {
      for (const attribute of objectsIn(attributes)) {
        for (const [name, value] of Object.entries(attribute)) {
          if (name === 'subAttributes') {
            described(value, 'attributes.subAttributes.')
            continue
          }
          const type = typeof (isArray(value) ? value[0] : value)
          expect([name, known.get(`${prefix}${name}`)]).toEqual([name, type])
        }
      }
    }
    for (const each of listOfSchemas(TYPES, BASE_URL).Resources)
      described(each['attributes'], 'attributes.')
  })

  test('says of a complex attribute neither caseExact nor uniqueness (erratum 6004)', () => {
    const complex = listOfSchemas(TYPES, BASE_URL)
      .Resources.flatMap(({ attributes }) => objectsIn(attributes))
      .filter(({ type }) => type === 'complex')
    expect(complex.length).toBeGreaterThan(10)
    for (const attribute of complex) {
      expect(attribute).toHaveProperty('subAttributes')
      expect(attribute).not.toHaveProperty('caseExact')
      expect(attribute).not.toHaveProperty('uniqueness')
    }
  })

  test('finds a schema whatever the case of its URN', () => {
    expect(schemaWithUrn(TYPES, BASE_URL, URN.user.toUpperCase())).toEqual(
      schemaWithUrn(TYPES, BASE_URL, URN.user),
    )
  })

  test.each(['urn:x', '', '__proto__', 'User', `${URN.user}:userName`])(
    'has no %j',
    async (urn) => {
      expect(said(await refusalOf(() => schemaWithUrn(TYPES, BASE_URL, urn)))).toMatch(
        saying('notFound', /schema.*\/Schemas/),
      )
    },
  )
})

describe('/ResourceTypes', () => {
  test('says what the resource types are', () => {
    expect(listOfResourceTypes(TYPES, BASE_URL)).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 2,
      startIndex: 1,
      itemsPerPage: 2,
      Resources: [
        {
          schemas: [URN.resourceType],
          id: 'User',
          name: 'User',
          endpoint: '/Users',
          description: 'User Account',
          schema: URN.user,
          schemaExtensions: [
            { schema: URN.enterpriseUser, required: false },
            { schema: URN.peopleUser, required: false },
          ],
          meta: { resourceType: 'ResourceType', location: `${BASE_URL}/ResourceTypes/User` },
        },
        {
          schemas: [URN.resourceType],
          id: 'Group',
          name: 'Group',
          endpoint: '/Groups',
          description: 'Group',
          schema: URN.group,
          schemaExtensions: [],
          meta: { resourceType: 'ResourceType', location: `${BASE_URL}/ResourceTypes/Group` },
        },
      ],
    })
  })

  test.each(TYPES)('has $name by its name', ({ name }) => {
    const listed = listOfResourceTypes(TYPES, BASE_URL).Resources.find(
      (each) => each['name'] === name,
    )
    expect(resourceTypeNamed(TYPES, BASE_URL, name)).toEqual(listed)
  })

  test.each(['user', 'Nope', '', 'constructor', '__proto__'])('has no %j', async (name) => {
    expect(said(await refusalOf(() => resourceTypeNamed(TYPES, BASE_URL, name)))).toMatch(
      saying('notFound', /User, Group/),
    )
  })

  test('names schemas that there are', () => {
    for (const type of listOfResourceTypes(TYPES, BASE_URL).Resources) {
      for (const each of [type, ...objectsIn(type['schemaExtensions'])]) {
        const urn = textIn(each, 'schema')
        expect(schemaWithUrn(TYPES, BASE_URL, urn)).toHaveProperty('id', urn)
      }
    }
  })
})

describe('/ServiceProviderConfig', () => {
  test('names the schemes that are on, the first as the primary one, with the page for customers', () => {
    const documentationUri = 'https://vendor.example/connect'
    const schemes = ['oauth', 'secretToken', 'entra'] as const
    const offered = serviceProviderConfig(BASE_URL, { schemes, documentationUri })
    expect(objectsIn(offered['authenticationSchemes'])).toMatchObject([
      { type: 'oauth2', primary: true, documentationUri },
      { type: 'oauthbearertoken', name: 'Secret Token', documentationUri },
      { type: 'oauthbearertoken', name: 'Microsoft Entra ID token', documentationUri },
    ])
  })

  const config = serviceProviderConfig(BASE_URL)
  const definition = characteristicsOf(schemaWithUrn(TYPES, BASE_URL, URN.serviceProviderConfig))

  test('tells the limits that are kept', () => {
    expect(config).toMatchObject({
      schemas: [URN.serviceProviderConfig],
      patch: { supported: true },
      bulk: {
        supported: true,
        maxOperations: LIMITS.bulkOperations,
        maxPayloadSize: LIMITS.bodyBytes,
      },
      filter: { supported: true, maxResults: LIMITS.pageSize },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: LIMITS.defaultPageSize,
        maxPageSize: LIMITS.pageSize,
        cursorTimeout: LIMITS.cursorSeconds,
      },
      meta: {
        resourceType: 'ServiceProviderConfig',
        location: `${BASE_URL}/ServiceProviderConfig`,
      },
    })
  })

  test('has no id (RFC 7643 §5)', () => {
    expect(config).not.toHaveProperty('id')
  })

  test('has one primary authentication scheme, of a type that RFC 7643 §5 names', () => {
    const schemes = objectsIn(config['authenticationSchemes'])
    expect(schemes.filter(({ primary }) => primary === true)).toHaveLength(1)
    for (const { type } of schemes) {
      expect(['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest']).toContain(type)
    }
  })

  test('has all that its schema requires, and nothing that its schema does not know', () => {
    const { schemas: _, meta: __, ...attributes } = config
    const paths = (value: JsonValue, prefix: string): readonly string[] => {
      if (isArray(value)) return value.flatMap((element) => paths(element, prefix))
      if (!isObject(value)) return []
      return Object.entries(value).flatMap(([name, member]) =>
        [`${prefix}${name}`].concat(paths(member, `${prefix}${name}.`)),
      )
    }
    const present = new Set(paths(attributes, ''))
    expect([...present].filter((path) => !definition.has(path))).toEqual([])
    const required = [...definition].flatMap(([path, each]) =>
      each['required'] === true ? [path] : [],
    )
    expect(required.length).toBeGreaterThan(15)
    expect(required.filter((path) => !present.has(path))).toEqual([])
  })
})
