import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { resolvePath } from '../../lib/scim/attribute-path.ts'
import type { Attribute } from '../../lib/scim/attribute.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import { KINDS } from '../../lib/scim/errors.ts'
import { targetsOf } from '../support/connect-document.ts'
import { anchorOf, tableRows } from '../support/documents.ts'

const FILE = 'docs/connect.md'
const page = readFileSync(FILE, 'utf8')
const PLACEHOLDERS = ['{Product}', '{Tenant URL}', '{Token URL}', '{Client ID}', '{Own attributes}']

describe('the page can be handed out', () => {
  test('it has no placeholder but those that guide fills in', () => {
    const prose = page.replaceAll(/```.*?```/gs, '')
    const placeholders = [...prose.matchAll(/\{[^{}\n]+\}/g)].map(([found]) => found)
    expect(new Set(placeholders)).toEqual(new Set(PLACEHOLDERS))
  })

  test('it links to nothing but its own headings', () => {
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
    const anchors = new Set(headings.map(anchorOf))
    const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
    expect(links.length).toBeGreaterThan(8)
    expect(links.filter((link) => !anchors.has(link))).toEqual([])
  })

  test('it can be read in a terminal', () => {
    expect(page.split('\n').filter((line) => line.length > 140)).toEqual([])
  })

  test('no table has a placeholder, whose value would move its columns', () => {
    const rows = page.split('\n').filter((line) => /^\s*\|/.test(line))
    expect(rows.length).toBeGreaterThan(50)
    expect(rows.filter((row) => PLACEHOLDERS.some((each) => row.includes(each)))).toEqual([])
  })
})

describe('attributes', () => {
  const users = targetsOf(USER)
  const groups = targetsOf(GROUP)

  test.each([...users, ...groups.map((each) => `Group ${each}`)])('%s is one', (target) => {
    const [type, path] = target.startsWith('Group ') ? [GROUP, target.slice(6)] : [USER, target]
    expect(resolvePath(type, path.replace(/\[.*\]/, ''))).toMatchObject({ kind: 'attribute' })
  })

  test('no target is there twice', () => {
    expect(new Set(users).size).toBe(users.length)
    expect(new Set(groups).size).toBe(groups.length)
  })

  test('every attribute that a client may write is named, but the password', () => {
    const named = new Set(
      [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text.replace(/[[.].*/, '')),
    )
    const extensions = USER.extensions.flatMap(({ schema }) =>
      schema.attributes.map((each) => ({ ...each, name: `${schema.id}:${each.name}` })),
    )
    const missing = [...USER.schema.attributes, ...GROUP.schema.attributes, ...extensions]
      .filter(isWritable)
      .filter(({ name }) => !named.has(name) && !users.includes(name))
    expect(missing.map(({ name }) => name)).toEqual(['password'])
  })
})

function isWritable({ mutability }: Attribute): boolean {
  return mutability !== 'readOnly'
}

test('every error has a row in "Entra says … do …", and no other', () => {
  const kinds: readonly { status: number; scimType?: string }[] = Object.values(KINDS)
  const rows = tableRows(FILE, 'Entra says … do …').filter(([, , action]) => action !== undefined)
  expect(new Set(rows.map(([kind]) => kind))).toEqual(
    new Set(kinds.map(({ status, scimType }) => `\`${[status, scimType].join(' ').trim()}\``)),
  )
})
