import { beforeEach, describe, expect, test } from 'vitest'
import type { Stores } from '../../lib/runtime.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { ENTRA, OKTA, openScene, type Scene, type SceneAnswer } from './activity-scene.ts'
import { textOf } from './memory-app.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

/** Noon in the middle of the world, so that it is the same day almost everywhere. */
const START = '2026-11-27T12:00:00.000Z'
const TODAY = 'Friday, 27 November 2026'

function aUser(userName: string, attributes: JsonObject = {}): JsonObject {
  return { schemas: [URN.user], userName, ...attributes }
}

function patchOf(...operations: readonly JsonObject[]): JsonObject {
  return { schemas: [MESSAGE.patchOp], Operations: [...operations] }
}

function idOf(answer: SceneAnswer): string {
  expect(answer.status).toBe(201)
  return textOf(answer, 'id')
}

/** What support is asked, through requests of customers, the manage API, and what the command line prints. */
export function supportStories(where: string, open: () => Promise<Stores>): void {
  describe(`asked of support, ${where}`, () => {
    let scene: Scene

    beforeEach(async () => {
      scene = await openScene(await open(), START)
    })

    function pass(milliseconds: number): void {
      scene.at = new Date(scene.at.getTime() + milliseconds)
    }

    test('Ann did not arrive: somebody who is inactive has her name', async () => {
      const entra = await scene.client('contoso', 'Entra ID', ENTRA)
      const others = await scene.client('fabrikam', 'Entra ID', ENTRA)
      await others('POST', '/Users', aUser('ann@contoso.example'))
      pass(SECOND)
      const id = idOf(await entra('POST', '/Users', aUser('ann@contoso.example')))
      pass(SECOND)
      const inactive = patchOf({ op: 'Replace', path: 'active', value: false })
      expect((await entra('PATCH', `/Users/${id}`, inactive)).status).toBe(200)
      pass(MINUTE)
      const refused = await entra('POST', '/Users', aUser('Ann@Contoso.example'))
      expect(refused.status).toBe(409)

      expect(await scene.cli('activity', 'contoso', '--subject', 'ann@contoso.example')).toEqual([
        TODAY,
        `refused: create user Ann@Contoso.example \u2013 Another User has this userName: id ${id}, inactive.`,
        '"Entra ID" (entra) deactivated user ann@contoso.example: active',
        '"Entra ID" (entra) created user ann@contoso.example',
      ])
      expect(await scene.cli('activity', 'contoso', '--subject', 'anna@contoso.example')).toEqual([
        'nothing that fits has happened at tenant contoso',
      ])
      const { items } = await scene.activity('contoso/activity?outcome=refused')
      expect(items).toMatchObject([
        {
          at: scene.at.toISOString(),
          reason: 'uniqueness',
          action: 'create user',
          client: 'entra',
          status: 409,
          by: { label: 'Entra ID' },
        },
      ])

      pass(MINUTE)
      const again = patchOf({ op: 'Replace', path: 'active', value: true })
      expect((await entra('PATCH', `/Users/${id}`, again)).status).toBe(200)
      const lines = await scene.cli('activity', 'contoso', '--subject', id)
      expect(lines[1]).toBe('"Entra ID" (entra) activated user ann@contoso.example: active')
    })

    test('who removed Bob from Sales: another client, which manage has let in', async () => {
      const entra = await scene.client('contoso', 'Entra ID', ENTRA)
      const bob = idOf(
        await entra('POST', '/Users', aUser('bob@contoso.example', { displayName: 'Bob Miller' })),
      )
      const ids = [bob, idOf(await entra('POST', '/Users', aUser('eve@contoso.example')))]
      pass(SECOND)
      const group = { schemas: [URN.group], displayName: 'Sales' }
      const sales = idOf(await entra('POST', '/Groups', group))
      pass(SECOND)
      const path = `/Groups/${sales}`
      const value = ids.map((id) => ({ value: id }))
      await entra('PATCH', path, patchOf({ op: 'Add', path: 'members', value }))
      pass(SECOND)
      const okta = await scene.client('contoso', 'Migration', OKTA)
      pass(SECOND)
      const gone = patchOf({ op: 'remove', path: `members[value eq "${bob}"]` })
      await okta('PATCH', path, gone)
      // He is not in it any more: nothing happens, and nothing is told.
      await entra('PATCH', path, gone)

      const lines = await scene.cli('activity', 'contoso', '--subject', 'bob@contoso.example')
      expect(lines).toEqual([
        TODAY,
        '"Migration" (okta) removed Bob Miller from Sales',
        '"Entra ID" (entra) added Bob Miller and eve@contoso.example to Sales',
        '"Entra ID" (entra) created user bob@contoso.example',
      ])
      const { items } = await scene.activity(`contoso/activity?subject=${bob}&count=1`)
      expect(items).toMatchObject([
        {
          action: 'remove members',
          by: { actor: 'credential', label: 'Migration' },
          resource: { id: sales, name: 'Sales' },
          removed: [{ id: bob, name: 'Bob Miller' }],
        },
      ])
      const all = await scene.cli('activity', 'contoso')
      expect(all).toContain('manage for ana issued credential Migration')

      pass(SECOND)
      expect((await entra('DELETE', `/Users/${ids[1]}`)).status).toBe(204)
      expect(await scene.cli('activity', 'contoso', '--subject', 'eve@contoso.example')).toContain(
        '"Entra ID" (entra) removed eve@contoso.example from Sales (it follows from eve@contoso.example)',
      )
    })

    test('since when is Contoso silent: since its last cycle, and others are not', async () => {
      const entra = await scene.client('contoso', 'Entra ID', ENTRA)
      const others = await scene.client('fabrikam', 'Entra ID', ENTRA)
      expect(await scene.health('contoso')).toMatchObject({ state: 'waiting' })
      const path = `/Users?filter=${encodeURIComponent('userName eq "ann@contoso.example"')}`
      for (let cycle = 0; cycle < 3; cycle += 1) {
        pass(40 * MINUTE)
        expect((await entra('GET', path)).status).toBe(200)
      }
      const last = scene.at.toISOString()
      pass(40 * MINUTE)
      expect(await scene.health('contoso')).toMatchObject({ state: 'healthy', lastRequest: last })
      pass(4 * 60 * MINUTE)
      await others('GET', path)

      const silent = {
        state: 'silent',
        reason: expect.stringMatching(
          /^Nothing has come for 4 h 40 min, where a cycle takes 40 minutes/,
        ) as unknown,
        lastRequest: last,
        client: 'entra',
        quarantineRisk: 'watch',
      }
      expect(await scene.health('contoso')).toMatchObject(silent)
      expect(await scene.health('fabrikam')).toMatchObject({ state: 'healthy' })
      const shown = await scene.cli('show', 'contoso')
      expect(shown).toContainEqual(
        expect.stringMatching(/^Health +silent: Nothing has come for 4 h 40 min/),
      )
      expect(shown).toContainEqual(expect.stringMatching(/^Last request +2026-11-27T14:00Z/))
      const listed = await scene.cli('list')
      expect(listed).toContainEqual(expect.stringMatching(/^contoso .* silent /))
      expect(listed).toContainEqual(expect.stringMatching(/^fabrikam .* healthy /))
    })
  })
}
