import { deleteLevel, listLevels } from '../../lib/people/levels.ts'
import type { Command } from './commands.ts'
import { peopleContextOf } from './people-commands.ts'
import { columns } from './text.ts'

/** All levels that people have or had. @throws ScimError */
const list: Command = async (workplace, [id = '']) => {
  const { items, complete } = await listLevels(await peopleContextOf(workplace, id))
  if (!complete) workplace.say('not everybody is counted yet: the numbers are too low')
  const rows = items.map(({ name, people }) => [name, people.toLocaleString('en-US')])
  const text = rows.length === 0 ? 'there is no level' : columns([['LEVEL', 'PEOPLE'], ...rows])
  return { text, json: { tenant: { id }, levels: items, complete } }
}

/** Takes a level off the list that nobody has. @throws ScimError */
const remove: Command = async (workplace, [id = '', spelling = '']) => {
  const name = await deleteLevel(await peopleContextOf(workplace, id), spelling)
  return { text: `level ${name} is deleted`, json: { level: { name, deleted: true } } }
}

/** What each command of levels does. */
export const LEVEL_COMMANDS = {
  'level list': list,
  'level delete': remove,
} as const satisfies Record<string, Command>
