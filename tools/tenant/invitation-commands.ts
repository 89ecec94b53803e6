import { acknowledgeInvitations, listInvitations } from '../../lib/people/invitations.ts'
import type { DueInvitation } from '../../lib/storage/people-port.ts'
import { UsageError } from '../command-line.ts'
import type { Command } from './commands.ts'
import { countOf } from './people.ts'
import { peopleContextOf } from './people-commands.ts'
import { columns, minute } from './text.ts'

/** Invitations of one answer. */
const PAGE = 1000

/** Who was active for the first time, and is to be invited. @throws ScimError, UsageError */
const list: Command = async (workplace, [id = ''], options) => {
  const count = countOf(options)
  const context = await peopleContextOf(workplace, id)
  const invitations: DueInvitation[] = []
  let cursor: string | undefined
  do {
    const left = Math.min(count - invitations.length, PAGE)
    const page = await listInvitations(context, { cursor, count: left })
    invitations.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined && invitations.length < count)
  const more = cursor !== undefined
  if (more) {
    workplace.say(
      `the first ${invitations.length.toLocaleString('en-US')} are listed; --count N or --all lists more`,
    )
  }
  const rows = invitations.map((each) => [each.id, minute(each.since)])
  const text = rows.length === 0 ? 'no invitation is due' : columns([['ID', 'SINCE'], ...rows])
  return { text, json: { tenant: { id }, invitations, more } }
}

/** Takes people off that list. @throws ScimError, UsageError */
const acknowledge: Command = async (workplace, [id = '', people = '']) => {
  const ids = people.split(',').map((each) => each.trim())
  if (ids.includes('')) {
    throw new UsageError('invitation acknowledge needs the ids of people, separated by commas')
  }
  const context = await peopleContextOf(workplace, id)
  const { acknowledged, unknown } = await acknowledgeInvitations(context, ids)
  const lines = [
    `acknowledged: ${acknowledged.length === 0 ? 'none' : acknowledged.join(', ')}`,
    ...(unknown.length === 0 ? [] : [`no invitation is known of: ${unknown.join(', ')}`]),
  ]
  return { text: lines.join('\n'), json: { tenant: { id }, acknowledged, unknown } }
}

/** What each command of invitations does. */
export const INVITATION_COMMANDS = {
  'invitation list': list,
  'invitation acknowledge': acknowledge,
} as const satisfies Record<string, Command>
