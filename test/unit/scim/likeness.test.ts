import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { parseFilter } from '../../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../../lib/scim/filter/resolve.ts'
import { didYouMean, likeAttribute, likeName } from '../../../lib/scim/likeness.ts'
import { readPatchAtOnce } from '../../../lib/scim/patch/read.ts'
import { parseSort } from '../../../lib/scim/sort.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { canonicalResource } from '../../../lib/scim/validate/resource.ts'
import { refusalOf } from '../../support/refusal.ts'
import { workingTime } from '../../support/working-time.ts'

const ENTERPRISE = URN.enterpriseUser

describe('what was meant by a name that is no attribute’s', () => {
  test.each([
    [`${URN.enterpriseUser}:level`, `${URN.peopleUser}:level`],
    [`${URN.enterpriseUser}.STARTDATE`, `${URN.peopleUser}:startDate`],
    [`${URN.user}:department`, `${URN.enterpriseUser}:department`],
  ])('%s stands in another extension', (written, like) => {
    expect(likeAttribute(USER, written)).toBe(like)
  })

  test.each([
    ['a letter too few', 'departmnt', 'department'],
    ['a letter too many', 'departement', 'department'],
    ['another letter', 'departmant', 'department'],
    ['two letters swapped', 'titel', 'title'],
    ['two slips', 'dsplaynam', 'displayName'],
    ['another case and a slip', 'USERNAMES', 'userName'],
    ['one of several', 'email', 'emails'],
    ['its beginning', 'phone', 'phoneNumbers'],
    ['what is inside', 'mail', 'emails'],
    ['what is inside, and its end', 'language', 'preferredLanguage'],
    ['an abbreviation', 'dept', 'department'],
    ['another abbreviation', 'mgr', 'manager'],
    ['a sub-attribute alone', 'givenName', 'name.givenName'],
    ['a slip in a sub-attribute', 'name.givenNam', 'name.givenName'],
    ['a slip before the dot', 'nam.givenName', 'name.givenName'],
    ['an abbreviation behind the URN', `${ENTERPRISE}:dept`, 'department'],
    ['a part behind the URN', `${ENTERPRISE}.cost`, 'costCenter'],
    ['a slip behind the URN', `${URN.user}:titel`, 'title'],
    [
      'a slip in the URN',
      `${ENTERPRISE.replace('prise', 'prize')}:manager.value`,
      `${ENTERPRISE}:manager.value`,
    ],
    [
      'an attribute of an extension behind an unknown URN',
      'urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Gender',
      `${URN.peopleUser}:gender`,
    ],
    [
      'a slip behind an unknown URN',
      'urn:ietf:params:scim:schemas:extension:peakon:2.0:User.departmnt',
      `${ENTERPRISE}:department`,
    ],
    ['a slip in the URN alone', ENTERPRISE.replace('params', 'param'), ENTERPRISE],
  ])('%s: %s', (_, written, like) => {
    expect(likeAttribute(USER, written)).toBe(like)
  })

  test.each([
    [''],
    ['foo'],
    ['surname'],
    ['salary'],
    ['value'],
    ['em'],
    ['__proto__'],
    ['urn:foo:bar'],
    ['urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Salary'],
    ['urn:ietf:params:scim:schemas:extension:peakon:2.0:User'],
    [`${ENTERPRISE}:userName`],
    [`${URN.user}:`],
    ['name.first'],
  ])('nobody knows: %s', (written) => {
    expect(likeAttribute(USER, written)).toBeUndefined()
  })

  test('only attributes of the type are meant', () => {
    expect(likeAttribute(GROUP, 'member')).toBe('members')
    expect(likeAttribute(GROUP, 'username')).toBeUndefined()
  })

  test('of several that are as like the first is meant, of those that begin so the shortest', () => {
    expect(likeName('cat', ['cart', 'bat', 'cut'])).toBe('cart')
    expect(likeName('colo', ['colourful', 'colour'])).toBe('colour')
  })

  test('a name of hundreds of characters is not compared, and one of a hundred quickly', () => {
    const long = 'departmentdepartment'.repeat(5)
    expect(likeName(long.slice(1), [long])).toBe(long)
    expect(likeName(`${long}x`, [long])).toBeUndefined()
    const worked = workingTime()
    for (let i = 0; i < 200; i += 1) {
      expect(
        likeName(
          long.replaceAll('a', 'b'),
          Array.from({ length: 20 }, () => long),
        ),
      ).toBe(undefined)
    }
    expect(worked()).toBeLessThan(1000)
  })
})

const LISTED = ' /Schemas lists all attributes.'

function path(text: string): unknown {
  return readPatchAtOnce(USER, { Operations: [{ op: 'replace', path: text, value: 'x' }] })
}

describe('a refusal asks whether that was meant, and says where the names are', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a path',
      () => path('departmnt'),
      `"departmnt" is not an attribute of a User; did you mean department?${LISTED}`,
    ],
    [
      'a path after a URN',
      () => path(`${URN.user}:titel`),
      `"${URN.user}:titel" is not an attribute of a User; did you mean title?${LISTED}`,
    ],
    ['a path like none', () => path('salary'), `"salary" is not an attribute of a User.${LISTED}`],
    [
      'a sub-attribute in a path',
      () => path('emails[type eq "work"].vale'),
      `"vale" is not a sub-attribute of "emails"; did you mean value?${LISTED}`,
    ],
    [
      'a filter',
      () => resolveFilter(USER, parseFilter('titel eq "x"')),
      `"titel" at character 1 is not an attribute of a User; did you mean title?${LISTED}`,
    ],
    [
      'a filter in brackets',
      () => resolveFilter(USER, parseFilter('emails[typ eq "x"]')),
      `"typ" at character 8 is not an attribute of emails; did you mean type?${LISTED}`,
    ],
    [
      'sortBy',
      () => parseSort(USER, { sortBy: 'usrName' }),
      `sortBy must name an attribute of a User, not "usrName"; did you mean userName?${LISTED}`,
    ],
    [
      'sortBy of several types',
      () => parseSort(USER, { sortBy: 'membrs' }, [GROUP]),
      `sortBy must name an attribute of a User or Group, not "membrs"; did you mean members?${LISTED}`,
    ],
    [
      'an unknown sub-attribute alone',
      () => canonicalResource(GROUP, { displayName: 'x', members: [{ valeu: '1' }] }),
      'members[0] has no sub-attribute "valeu", and nothing else is in it; it has value, $ref, type, display. Did you mean value?',
    ],
  ])('%s', async (_, run, words) => {
    const { detail, loggedDetail } = await refusalOf(run)
    expect(detail.replace(/^Operation 1: /, '')).toBe(words)
    // What is ours stays in the log.
    expect(loggedDetail.endsWith(words.slice(words.lastIndexOf('"') + 1))).toBe(true)
  })

  test('without a likeness the sentence ends', () => {
    expect(didYouMean(undefined)).toBe(`.${LISTED}`)
  })
})
