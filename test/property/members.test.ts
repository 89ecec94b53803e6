import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { GROUP } from '../../lib/scim/default-resource-types.ts'
import { get } from '../../lib/service/get.ts'
import { patch } from '../../lib/service/patch.ts'
import { replace } from '../../lib/service/replace.ts'
import { asked, askedPatch, jsonOf, serviceRig, textIn } from '../support/service-rig.ts'

/** Members as a set of ids; those that begin with `g` are groups. */
type Model = Set<string>

/** One operation, as a client writes it and as it changes the model. */
interface Step {
  readonly operation: JsonObject
  readonly apply: (model: Model) => void
}

const IDS = ['a', 'b', 'c', 'ga', 'gb', '__proto__']
const element = (value: string): JsonObject => ({
  value,
  type: value.startsWith('g') ? 'Group' : 'User',
})

const id = fc.constantFrom(...IDS)
const ids = fc.array(id, { maxLength: 4 })

function clear(model: Model): void {
  model.clear()
}

function removeWhere(model: Model, goes: (id: string) => boolean): void {
  for (const each of model) if (goes(each)) model.delete(each)
}

const step: fc.Arbitrary<Step> = fc.oneof(
  ids.map((added) => ({
    operation: { op: 'add', path: 'members', value: added.map(element) },
    apply: (model: Model) => added.forEach((each) => model.add(each)),
  })),
  id.map((added) => ({
    operation: { op: 'Add', path: `members[value eq "${added}"]`, value: element(added) },
    apply: (model: Model) => void model.add(added),
  })),
  ids.map((added) => ({
    operation: { op: 'add', value: { members: added.map(element) } },
    apply: (model: Model) => added.forEach((each) => model.add(each)),
  })),
  ids.map((all) => ({
    operation: { op: 'replace', path: 'members', value: all.map(element) },
    apply: (model: Model) => {
      model.clear()
      all.forEach((each) => model.add(each))
    },
  })),
  id.map((gone) => ({
    operation: { op: 'remove', path: `members[value eq "${gone}"]` },
    apply: (model: Model) => void model.delete(gone),
  })),
  fc.array(id, { minLength: 1, maxLength: 3 }).map((gone) => ({
    operation: { op: 'Remove', path: 'members', value: gone.map(element) },
    apply: (model: Model) => gone.forEach((each) => model.delete(each)),
  })),
  id.map((kept) => ({
    operation: { op: 'remove', path: `members[not (value eq "${kept}")]` },
    apply: (model: Model) => removeWhere(model, (each) => each !== kept),
  })),
  fc.constantFrom('Group', 'User').map((type) => ({
    operation: { op: 'remove', path: `members[type eq "${type}"]` },
    apply: (model: Model) =>
      removeWhere(model, (each) => each.startsWith('g') === (type === 'Group')),
  })),
  fc.constant({ operation: { op: 'remove', path: 'members' }, apply: clear }),
  fc.constant({ operation: { op: 'replace', path: 'members', value: null }, apply: clear }),
  id.map((labelled) => ({
    operation: { op: 'replace', path: `members[value eq "${labelled}"].display`, value: 'x' },
    apply: () => {},
  })),
)

/** Several PATCHes, each of some operations. */
const requests = fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 4 })

function shownAs(member: JsonObject): string {
  return `${textIn(member, 'value')} ${textIn(member, 'type')}`
}

function shown(members: JsonValue | undefined): readonly string[] {
  return isArray(members) ? members.filter(isObject).map(shownAs).toSorted() : []
}

const sorted = (values: Iterable<string>): readonly string[] => [...values].toSorted()

describe('PATCHes of members', () => {
  test('are operations on a set, whatever stands between them', async () => {
    await fc.assert(
      fc.asyncProperty(ids, requests, fc.boolean(), async (first, patches, withIfMatch) => {
        const { context, add } = serviceRig()
        const group = await add(GROUP, { displayName: 'G', members: first.map(element) })
        const model: Model = new Set(first)
        const read = (): Promise<JsonObject> => jsonOf(get(context, GROUP, asked({ id: group })))
        for (const steps of patches) {
          const { meta: before } = await read()
          const was = sorted(model)
          const operations = steps.map(({ operation }) => operation)
          const ifMatch = withIfMatch ? { ifMatch: textIn(before, 'version') } : {}
          await patch(context, GROUP, askedPatch(group, operations, ifMatch))
          for (const { apply } of steps) apply(model)

          const { members, meta: after } = await read()
          expect(shown(members)).toEqual(sorted(model).map((each) => shownAs(element(each))))
          // RFC 7644 §3.5.2.1: what changes nothing, and nothing else, keeps its version.
          expect(textIn(after, 'version') === textIn(before, 'version')).toBe(
            sorted(model).join() === was.join(),
          )
        }
      }),
    )
  })

  test('repeated change nothing', async () => {
    await fc.assert(
      fc.asyncProperty(ids, fc.array(step, { maxLength: 5 }), async (first, steps) => {
        const { context, add } = serviceRig()
        const group = await add(GROUP, { displayName: 'G', members: first.map(element) })
        const request = askedPatch(
          group,
          steps.map(({ operation }) => operation),
        )
        const read = async (): Promise<unknown> =>
          (await jsonOf(get(context, GROUP, asked({ id: group }))))['members']
        await patch(context, GROUP, request)
        const once = await read()
        await patch(context, GROUP, request)
        expect(await read()).toEqual(once)
      }),
    )
  })

  test('and PUTs come to the same members', async () => {
    await fc.assert(
      fc.asyncProperty(ids, ids, async (first, then) => {
        const { context, add } = serviceRig()
        const [one, other] = [
          await add(GROUP, { displayName: '1', members: first.map(element) }),
          await add(GROUP, { displayName: '2', members: first.map(element) }),
        ]
        const members = then.map(element)
        await patch(
          context,
          GROUP,
          askedPatch(one, [{ op: 'replace', path: 'members', value: members }]),
        )
        const body = { schemas: [GROUP.schema.id], displayName: '2', members }
        await replace(context, GROUP, asked({ id: other, body }))
        const [a, b] = [
          await jsonOf(get(context, GROUP, asked({ id: one }))),
          await jsonOf(get(context, GROUP, asked({ id: other }))),
        ]
        expect(a['members']).toEqual(b['members'])
      }),
    )
  })
})
