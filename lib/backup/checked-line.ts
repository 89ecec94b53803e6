import { detail, type Detail } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { toMembers } from '../scim/member.ts'
import { memberTypeOf } from '../scim/resource-id.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { peopleTypeOf, teamTypeOf } from '../scim/types-of-people.ts'
import { whatCame } from '../scim/what-came.ts'
import { keptCredential } from '../tenants/kept-credential.ts'
import type { BackupRecord, RecordOf } from './format.ts'
import { checkContent } from './line-content.ts'
import { checkTenantLine } from './line-tenant.ts'
import { checkTimes } from './line-times.ts'
import { credentialIn, groupIn, membersIn, teamIn, userIn } from './records.ts'

/** What lines are checked with. */
export interface LineCheck {
  /** The types that all tenants have. */
  readonly base: readonly ResourceType[]
  /** Those of the tenant in the file. */
  readonly types: readonly ResourceType[]
  readonly now: Date
}

/**
 * Holds a line to what a request could have set and a store could have kept.
 * @throws ScimError that names what cannot be.
 */
export function checkLine({ base, types, now }: LineCheck, record: BackupRecord): void {
  checkTimes(record, now)
  switch (record.kind) {
    case 'tenant':
      checkTenantLine(record, peopleTypeOf(base))
      break
    case 'user':
      checkUser(peopleTypeOf(types), record)
      break
    case 'group':
      checkGroup(teamTypeOf(types), record)
      break
    case 'members':
      checkMembers(teamTypeOf(types), record)
      break
    case 'credential':
      checkCredential(record)
      break
    case 'removed':
      checkRemoved(record)
      break
    case 'pass':
    case 'end':
  }
}

function checkUser(users: ResourceType, record: RecordOf<'user'>): void {
  const user = userIn(users, record)
  const { id, possibleReturner, invitation, attributes } = user
  const isInactive = attributes['active'] === false
  checkContent(users, record.content, user)
  // That it names nobody is nothing wrong: whom it named may have come again, or be deleted for good.
  if (possibleReturner === id) throw wrong(detail`possibleReturner must be the id of somebody else`)
  if (record.hidden === true && !isInactive) {
    throw wrong(detail`active must be false of an account that is kept out of sight`)
  }
  if (invitation === 'ahead' && !isInactive) {
    throw wrong(detail`the invitation of an active account is not ahead any more`)
  }
}

function checkGroup(groups: ResourceType, record: RecordOf<'group'>): void {
  const [group, team] = [groupIn(groups, record), teamIn(record)]
  if (record.group !== undefined && group !== undefined) {
    checkContent(groups, record.group.content, group)
  }
  const isGroup = group !== undefined
  if (team === undefined || team.adopted === isGroup) return
  throw wrong(detail`adopted must be ${String(isGroup)}: ${isGroup ? 'a' : 'no'} group has this id`)
}

/** One at a time: that one is there twice is nothing wrong. */
function checkMembers(groups: ResourceType, record: RecordOf<'members'>): void {
  for (const member of membersIn(record)) {
    const { value, type } = member
    const [kept] = toMembers(groups, [{ value, type }])
    if (kept?.value !== value) {
      throw wrong(detail`members has ${whatCame(value)}, which has white space around it`)
    }
    if (kept.type === type) continue
    throw wrong(
      detail`${whatCame(value)} is the id of a ${kept.type}, and stands among those of a ${type}`,
    )
  }
}

function checkRemoved({ of, id }: RecordOf<'removed'>): void {
  const type = of === 'user' ? 'User' : 'Group'
  if (memberTypeOf(id) !== type) throw wrong(detail`id must be that of a ${type}`)
}

/** One that has expired since it was exported opens nothing, and comes as it is. */
function checkCredential(record: RecordOf<'credential'>): void {
  const { created, expires } = keptCredential(credentialIn(record))
  if (expires !== undefined && expires < created) {
    throw wrong(detail`expires must not be before created, ${created}; ${expires} came`)
  }
}

function wrong(what: Detail): ScimError {
  return new ScimError('invalidValue', what)
}
