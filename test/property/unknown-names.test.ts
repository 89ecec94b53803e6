import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Attribute, Schema } from '../../lib/scim/attribute.ts'
import { containersOf } from '../../lib/scim/container.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import { sameValue } from '../../lib/scim/equal.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { own, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { create } from '../../lib/service/create.ts'
import { get } from '../../lib/service/get.ts'
import { patch } from '../../lib/service/patch.ts'
import { replace } from '../../lib/service/replace.ts'
import { formattedTexts } from '../support/formatted.ts'
import { asked, askedPatch, jsonOf, serviceRig, textIn, type Rig } from '../support/service-rig.ts'

/** A complex attribute that clients write. */
interface Place {
  readonly resourceType: ResourceType
  readonly extension: Schema | undefined
  readonly attribute: Attribute
}

const PLACES: readonly Place[] = [USER, GROUP].flatMap((resourceType) =>
  containersOf(resourceType).flatMap(({ extension, attributes }) =>
    attributes
      .filter(({ type, mutability }) => type === 'complex' && mutability !== 'readOnly')
      .map((attribute) => ({ resourceType, extension, attribute })),
  ),
)

function pathOf({ extension, attribute }: Place): string {
  return extension === undefined ? attribute.name : `${extension.id}:${attribute.name}`
}

function valueOf(attribute: Attribute): fc.Arbitrary<JsonValue> {
  const { type, name, canonicalValues } = attribute
  const blank = fc.constantFrom<JsonValue>('', null)
  const texts = formattedTexts(attribute) ?? canonicalValues ?? ['YWJj', 'YQ', 'work']
  const given = type === 'boolean' ? fc.boolean() : fc.constantFrom<JsonValue>(...texts)
  // An empty id beside other parts is refused whatever the names are.
  return name === 'value' ? given : fc.oneof({ weight: 4, arbitrary: given }, blank)
}

/** A value of the attribute, which has at least one part. */
function objectFor(attribute: Attribute): fc.Arbitrary<JsonObject> {
  const parts = attribute.subAttributes.map((sub) => fc.tuple(fc.constant(sub.name), valueOf(sub)))
  return fc
    .tuple(...parts)
    .chain((all) => fc.subarray(all, { minLength: 1 }))
    .map((chosen) => Object.fromEntries(chosen))
}

/** How the value is written where it belongs. */
type Form = (value: JsonObject) => JsonValue

const FORMS: Readonly<Record<string, Form>> = {
  object: (value) => value,
  list: (value) => [value],
  text: (value) => JSON.stringify(value),
  'text of a list': (value) => JSON.stringify([value]),
  'list of text': (value) => [JSON.stringify(value)],
}

/** Whether all goes with the attribute that nobody names: a PUT. */
type Send = (rig: Rig, place: Place, id: string, value: JsonValue) => Promise<unknown>

const operation =
  (make: (place: Place, value: JsonValue) => JsonObject): Send =>
  async ({ context }, place, id, value) =>
    patch(context, place.resourceType, askedPatch(id, [make(place, value)]))

function bodyWith({ extension, attribute }: Place, value: JsonValue): JsonObject {
  const content = { [attribute.name]: value }
  return extension === undefined ? content : { [extension.id]: content }
}

const VERBS: Readonly<Record<string, Send>> = {
  PUT: async ({ context }, place, id, value) => {
    const body = { userName: id, displayName: id, ...bodyWith(place, value) }
    return replace(context, place.resourceType, asked({ id, body }))
  },
  add: operation((place, value) => ({ op: 'add', path: pathOf(place), value })),
  replace: operation((place, value) => ({ op: 'replace', path: pathOf(place), value })),
  'add without a path': operation((place, value) => ({ op: 'add', value: bodyWith(place, value) })),
  'replace without a path': operation((place, value) => ({
    op: 'replace',
    value: { [pathOf(place)]: value },
  })),
  'add wrapped': operation((place, value) => ({
    op: 'add',
    path: pathOf(place),
    value: { [place.attribute.name]: value },
  })),
  'replace of those that match': operation((place, value) => ({
    op: 'replace',
    path: place.attribute.multiValued ? `${pathOf(place)}[type eq "work"]` : pathOf(place),
    value,
  })),
  'remove of those in a list': operation((place, value) => ({
    op: 'remove',
    path: pathOf(place),
    value,
  })),
}

/** What a verb takes: members have no filter by type, and remove takes no value of a single attribute. */
function verbsFor({ resourceType, attribute }: Place): readonly string[] {
  return Object.keys(VERBS).filter((verb) => {
    if (verb.startsWith('remove')) return attribute.multiValued
    return !(verb.includes('match') && resourceType === GROUP)
  })
}

function formsFor({ attribute }: Place): readonly string[] {
  return Object.keys(FORMS).filter((form) => attribute.multiValued || !form.includes('list of'))
}

/** Places by their paths, so that a counterexample stays short. */
const BY_PATH = new Map(PLACES.map((place) => [pathOf(place), place]))

const anyCase = fc.constantFrom(...BY_PATH).chain(([path, place]) =>
  objectFor(place.attribute).chain((value) =>
    fc.record({
      path: fc.constant(path),
      value: fc.constant(value),
      renamed: fc.subarray(Object.keys(value), { minLength: 1 }),
      form: fc.constantFrom(...formsFor(place)),
      verb: fc.constantFrom('POST', ...verbsFor(place)),
    }),
  ),
)

const isBlank = (value: JsonValue): boolean => value === null || value === ''
const foreign = (name: string): string => `foreign${name}`

/** Whether parts that are known say something; labels of an element do not. */
function hasContent({ attribute }: Place, value: JsonObject): boolean {
  return Object.entries(value).some(
    ([name, part]) =>
      !isBlank(part) && !(attribute.multiValued && ['type', 'primary'].includes(name)),
  )
}

/** A value that the attribute has before, so that a loss is seen. */
function valueBefore({ attribute }: Place): JsonValue {
  const subs = new Map(attribute.subAttributes.map((sub) => [sub.name, sub]))
  const value = subs.get('value')
  const [text = 'YWJj'] = (value && formattedTexts(value)) ?? []
  const element = {
    [value === undefined ? 'formatted' : 'value']: text,
    ...(subs.has('type') ? { type: 'work' } : {}),
  }
  return attribute.multiValued ? [element] : element
}

/** The attribute's value after the request, read with GET; after a POST also as the answer has it. */
async function outcome(verb: string, place: Place, value: JsonValue): Promise<JsonValue> {
  const { resourceType, extension, attribute } = place
  const rig = serviceRig()
  const required = { userName: 'u', displayName: 'u' }
  const read = (resource: JsonObject): JsonValue => {
    const container = extension === undefined ? resource : own(resource, extension.id)
    return own(container, attribute.name) ?? null
  }
  const stored = async (id: string): Promise<JsonValue> =>
    read(await jsonOf(get(rig.context, resourceType, asked({ id }))))
  const send = VERBS[verb]
  if (send === undefined) {
    const body = { ...required, ...bodyWith(place, value) }
    const answer = await jsonOf(create(rig.context, resourceType, asked({ body })))
    const after = await stored(textIn(answer, 'id'))
    if (!sameValue(after, read(answer))) throw new Error('The answer says something else.')
    return after
  }
  const id = await rig.add(resourceType, { ...required, ...bodyWith(place, valueBefore(place)) })
  await send(rig, place, id, value)
  return stored(id)
}

/** What became of a request: the value, or the detail of its refusal. */
async function attempt(
  verb: string,
  place: Place,
  value: JsonValue,
): Promise<{ value: JsonValue } | { detail: string }> {
  try {
    return { value: await outcome(verb, place, value) }
  } catch (error) {
    if (!(error instanceof ScimError) || error.kind !== 'invalidValue') throw error
    return { detail: error.detail }
  }
}

test('a value whose names are unknown is refused, or is what it would be without them', async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ path, value, renamed, form, verb }) => {
      const place = BY_PATH.get(path)
      const write = FORMS[form]
      if (place === undefined || write === undefined) throw new Error(path)
      const entries = Object.entries(value)
      const isRenamed = (name: string): boolean => renamed.includes(name)
      const written = Object.fromEntries(
        entries.map(([name, part]) => [isRenamed(name) ? foreign(name) : name, part]),
      )
      const known = Object.fromEntries(entries.filter(([name]) => !isRenamed(name)))
      const result = await attempt(verb, place, write(written))
      // Of a reference without its id, or labels alone, the error tells that; which names came makes no difference.
      const lacksValue = ['.value', ' has no id', ' has no value'].map(
        (what) => `${place.attribute.name}${what}`,
      )
      const names = [...renamed.map(foreign), ...lacksValue]
      const isNamed = 'detail' in result && names.some((name) => result.detail.includes(name))
      // Nothing is lost but what is unknown, and something is left unless all that came was empty.
      const wasBlank =
        Object.keys(known).length > 0 && renamed.every((name) => isBlank(value[name] ?? null))
      const isLeft = 'value' in result && (hasContent(place, known) || wasBlank)
      expect(isNamed || isLeft).toBe(true)
      const without = isLeft ? await attempt(verb, place, write(known)) : result
      expect(result).toEqual(without)
    }),
    { numRuns: 500 },
  )
})

const EVERYWHERE = PLACES.flatMap((place) =>
  ['POST', ...verbsFor(place)].flatMap((verb) =>
    formsFor(place).map((form) => [verb, pathOf(place), form, place] as const),
  ),
)

test.each(EVERYWHERE)(
  '%s of %s with unknown names only is refused: %s',
  async (verb, _, form, place) => {
    const written = FORMS[form]?.({ foreign: 'x', other: 'y' }) ?? null
    const refused = await attempt(verb, place, written)
    expect(JSON.stringify(refused)).toMatch(/^\{"detail":.*foreign/)
  },
)
