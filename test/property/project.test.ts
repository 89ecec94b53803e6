import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attribute } from '../../lib/scim/attribute.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { parseProjection, project, wants } from '../../lib/scim/project.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { withExtensions } from '../../lib/scim/resource-type.ts'

const TENANT = 'urn:example:tenant:2.0:User'
const part = (
  name: string,
  returned: 'never' | 'request' | 'default',
): ReturnType<typeof attribute> => attribute({ name, type: 'string', description: name, returned })

const TYPE = withExtensions(USER, [
  {
    required: false,
    schema: {
      id: TENANT,
      name: 'Tenant',
      description: 'Tenant',
      attributes: [
        part('pin', 'never'),
        part('salary', 'request'),
        attribute({
          name: 'cars',
          type: 'complex',
          description: 'cars',
          multiValued: true,
          subAttributes: [
            part('plate', 'default'),
            part('code', 'never'),
            part('price', 'request'),
          ],
        }),
      ],
    },
  },
])

const SECRET = 'SECRET'
const FULL: JsonObject = {
  schemas: [USER.schema.id],
  id: 'u1',
  userName: 'a',
  password: SECRET,
  name: { givenName: 'G', familyName: 'F' },
  emails: [{ value: 'a', type: 'work' }, { value: 'b' }],
  [TENANT]: {
    pin: SECRET,
    salary: '1',
    cars: [{ plate: 'P', code: SECRET, price: '9' }, { code: SECRET }],
  },
  meta: { resourceType: 'User' },
}

const SCHEMAS = [USER.schema, ...TYPE.extensions.map(({ schema }) => schema)]
const PATHS = SCHEMAS.flatMap(({ id, attributes }) => {
  const paths = attributes.flatMap(({ name, subAttributes }) =>
    [name].concat(subAttributes.map((sub) => `${name}.${sub.name}`)),
  )
  return [id].concat(
    paths,
    paths.map((path) => `${id}:${path}`),
  )
})
const names = fc.array(
  fc.oneof(
    fc.constantFrom('id', 'schemas', 'meta', 'password', 'pin', 'cars.code', '__proto__', TENANT),
    fc.constantFrom(...PATHS),
    fc.constantFrom(...PATHS).map((path) => path.toUpperCase()),
    fc.string(),
  ),
  { maxLength: 6 },
)
const parameters = fc.oneof(
  names.map((attributes) => ({ attributes })),
  names.map((excludedAttributes) => ({ excludedAttributes })),
)

/** Whether all of `some` is in `all`, element by element where elements may be left out. */
function isWithin(some: JsonValue, all: JsonValue | undefined): boolean {
  if (isArray(some)) {
    return isArray(all) && some.every((entry) => all.some((other) => isWithin(entry, other)))
  }
  if (!isObject(some)) return some === all
  const whole = isObject(all) ? new Map(Object.entries(all)) : new Map<string, JsonValue>()
  return Object.entries(some).every(([key, value]) => isWithin(value, whole.get(key)))
}

test('what is returned never never comes out, whatever is asked for or supplied', () => {
  fc.assert(
    fc.property(parameters, names, (given, supplied) => {
      const projected = project(parseProjection(TYPE, given), FULL, new Set(supplied))
      expect(JSON.stringify(projected)).not.toContain(SECRET)
    }),
  )
})

test('a projection only leaves out, and id and schemas stay', () => {
  fc.assert(
    fc.property(parameters, (given) => {
      const projected = project(parseProjection(TYPE, given), FULL)
      expect(isWithin(projected, FULL)).toBe(true)
      expect(projected).toMatchObject({ id: FULL['id'], schemas: FULL['schemas'] })
    }),
  )
})

test('attributes and excludedAttributes with the same names share nothing but what is always there', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PATHS), (name) => {
      const included = project(parseProjection(TYPE, { attributes: [name] }), FULL)
      const remaining = project(parseProjection(TYPE, { excludedAttributes: [name] }), FULL)
      for (const [key, value] of Object.entries(included)) {
        if (key === 'id' || key === 'schemas') continue
        expect(remaining[key]).not.toEqual(value)
      }
    }),
  )
})

test('what is not wanted does not come out', () => {
  fc.assert(
    fc.property(parameters, (given) => {
      const projection = parseProjection(TYPE, given)
      const projected = project(projection, FULL)
      const came = Object.keys(projected).filter((name) => name !== TENANT)
      expect(came.filter((name) => !wants(projection, name))).toEqual([])
    }),
  )
})

test('a projection of a projection is the same', () => {
  fc.assert(
    fc.property(parameters, (given) => {
      const projection = parseProjection(TYPE, given)
      const once = project(projection, FULL)
      expect(project(projection, once)).toEqual(once)
    }),
  )
})
