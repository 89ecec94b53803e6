import {
  addMember,
  makeTeam,
  removeMember,
  removeTeam,
  renameTeam,
} from '../../lib/people/change-teams.ts'
import {
  changedTeams,
  getTeam,
  listMembers,
  listTeams,
  type TeamsPage,
  type ToldMember,
  type ToldTeam,
} from '../../lib/people/teams.ts'
import { teamsOf, type TeamsContext } from '../../lib/people/teams-context.ts'
import { requireTenant } from '../../lib/tenants/tenants.ts'
import type { Command, Workplace } from './commands.ts'
import { countOf } from './people.ts'
import { columns, minute, type Outcome } from './text.ts'

/** Of one answer. */
const PAGE = 1000

const ANY = (): void => {}

/** All teams, or which have changed since a position. @throws ScimError, UsageError */
const list: Command = async (workplace, [id = ''], options) => {
  const context = await contextOf(workplace, id)
  const { 'changed-since': changedSince } = options
  type Item = TeamsPage<ToldTeam | { readonly id: string; readonly removed: true }>['items'][number]
  let position = ''
  const { items: teams, more } = await upTo<Item>(workplace, countOf(options), async (page) => {
    const read =
      changedSince === undefined
        ? await listTeams(context, page)
        : await changedTeams(context, { changedSince, cursor: page.cursor }, page.count)
    position = read.position
    return read
  })
  const rows = teams.map((team) =>
    'source' in team
      ? [
          team.id,
          team.name,
          team.source,
          minute(team.created),
          (team.similar ?? []).map(({ name }) => name).join(', '),
        ]
      : [team.id, '', 'removed', '', ''],
  )
  const table = columns([['ID', 'NAME', 'SOURCE', 'CREATED', 'SIMILAR'], ...rows])
  const text = `${teams.length === 0 ? 'there is no team' : table}\n\nposition: ${position}`
  return { text, json: { tenant: { id }, teams, more, position } }
}

/** One team. @throws ScimError */
const show: Command = async (workplace, [id = '', teamId = '']) =>
  outcomeOf((await getTeam(await contextOf(workplace, id), teamId)).told)

/** Makes one. @throws ScimError */
const add: Command = async (workplace, [id = '', name = '']) => {
  const { told } = await makeTeam(await contextOf(workplace, id), name)
  return outcomeOf(told, `team ${told.id} of tenant ${id} is there`)
}

/** Gives one another name. @throws ScimError */
const rename: Command = async (workplace, [id = '', teamId = '', name = '']) => {
  const context = await contextOf(workplace, id)
  const { told } = await renameTeam(context, teamId, name, ANY)
  return outcomeOf(told, `team ${teamId} of tenant ${id} is called ${told.name}`)
}

/** Removes one with its members. @throws ScimError */
const remove: Command = async (workplace, [id = '', teamId = '']) => {
  await removeTeam(await contextOf(workplace, id), teamId, ANY)
  const text = `team ${teamId} of tenant ${id} is removed, and nobody is in it any more`
  return { text, json: { team: { id: teamId, removed: true } } }
}

/** Who is in one. @throws ScimError, UsageError */
const members: Command = async (workplace, [id = '', teamId = ''], options) => {
  const context = await contextOf(workplace, id)
  const { items, more } = await upTo<ToldMember>(workplace, countOf(options), (page) =>
    listMembers(context, teamId, page),
  )
  const rows = items.map((member) => [member.id, member.type, member.source])
  const text = rows.length === 0 ? 'nobody is in it' : columns([['ID', 'TYPE', 'SOURCE'], ...rows])
  return { text, json: { team: { id: teamId }, members: items, more } }
}

/** Puts a person into one. @throws ScimError */
const join: Command = async (workplace, [id = '', teamId = '', personId = '']) => {
  const { member } = await addMember(await contextOf(workplace, id), teamId, personId)
  return { text: `person ${personId} is in team ${teamId}`, json: { team: { id: teamId }, member } }
}

/** Takes a person out of one. @throws ScimError */
const leave: Command = async (workplace, [id = '', teamId = '', personId = '']) => {
  const left = await removeMember(await contextOf(workplace, id), teamId, personId)
  const text =
    left === undefined
      ? `person ${personId} is in team ${teamId} no more`
      : `person ${personId} stays in team ${teamId}: the identity provider says so, too`
  return { text, json: { team: { id: teamId }, member: left ?? { id: personId, removed: true } } }
}

/** What each command of teams does. */
export const TEAM_COMMANDS = {
  'team list': list,
  'team show': show,
  'team add': add,
  'team rename': rename,
  'team remove': remove,
  'team members': members,
  'team add-member': join,
  'team remove-member': leave,
} as const satisfies Record<string, Command>

async function contextOf({ store, teamsParts, now }: Workplace, id: string): Promise<TeamsContext> {
  const tenant = await requireTenant(store, id)
  const service = { ...teamsParts.service, now }
  return teamsOf({ ...teamsParts, service }, tenant, { actor: 'cli' })
}

/** As many as are asked for, page by page; stderr says when there are more. */
async function upTo<Item>(
  { say }: Workplace,
  count: number,
  read: (page: { readonly cursor: string | undefined; readonly count: number }) => Promise<{
    readonly items: readonly Item[]
    readonly nextCursor?: string
  }>,
): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await read({ cursor, count: Math.min(count - items.length, PAGE) })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined && items.length < count)
  const more = cursor !== undefined
  if (more) {
    const first = items.length.toLocaleString('en-US')
    say(`the first ${first} are listed; --count N or --all lists more`)
  }
  return { items, more }
}

function outcomeOf(team: ToldTeam, done?: string): Outcome {
  const { similar = [], ...facts } = team
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  )
  const likes = similar.map(({ id, name }) => ['similar', `${name} (${id})`])
  const lines = columns([...rows, ...likes])
  return { text: done === undefined ? lines : `${done}\n\n${lines}`, json: { team } }
}
