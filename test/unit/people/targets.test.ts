import { expect, test } from 'vitest'
import { targets } from '../../../lib/people/targets.ts'
import { withDefinitions } from '../../../lib/scim/attribute-definition.ts'
import { referencePath, resolvePath } from '../../../lib/scim/attribute-path.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { aDefinition, SURVEY } from '../../support/definitions.ts'

test('an attribute of the people extension is mapped under its URN, and taken under that of the enterprise extension', () => {
  expect(targets(aDefinition('costCentre'), URN.peopleUser)).toEqual({
    target: 'urn:ietf:params:scim:schemas:extension:people:2.0:User:costCentre',
    olderTarget: 'urn:ietf:params:scim:schemas:extension:people:2.0:User.costCentre',
    alsoTaken: [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCentre',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.costCentre',
    ],
  })
})

test('one with a URN of its own is mapped under that', () => {
  expect(targets(aDefinition('score', { schema: SURVEY }), URN.peopleUser)).toMatchObject({
    target: `${SURVEY}:score`,
    olderTarget: `${SURVEY}.score`,
  })
})

test.each([
  [{ multiValued: true }, /^Entra ID sends this attribute from applications of its gallery only/],
  [{ type: 'reference' }, /^Entra ID sends this attribute from applications of its gallery only/],
] as const)('what Entra cannot send of %j is said', (others, restriction) => {
  expect(targets(aDefinition('a', others), URN.peopleUser).restriction).toMatch(restriction)
})

test('every target names the attribute', () => {
  const definitions = [aDefinition('costCentre'), aDefinition('score', { schema: SURVEY })]
  const type = withDefinitions(USER, definitions)
  for (const definition of definitions) {
    const { target, olderTarget, alsoTaken } = targets(definition, URN.peopleUser)
    for (const each of [target, olderTarget, ...alsoTaken]) {
      const found = resolvePath(type, each)
      expect(found?.kind === 'attribute' && referencePath(found)).toBe(target)
    }
  }
})
