import * as z from 'zod'
import { DELETED_LEVEL, LEVEL_LIST, LEVEL_PARAMETERS } from './level-shapes.ts'
import { readLevels, removeLevel, removeLevelInPath } from './levels.ts'
import { operation, type Operation } from './operation.ts'
import { NO_PARAMETERS } from './query.ts'

const ALL = 'tenants/{id}/levels'

/** The operations on the levels of the people of a tenant. */
export const LEVEL_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'manage-levels-list',
    method: 'GET',
    path: ALL,
    summary: 'All levels that people have or had, and how many have them',
    query: NO_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: LEVEL_LIST,
    headers: [],
    problems: ['not-found', 'not-possible'],
    run: readLevels,
  }),
  operation({
    name: 'manage-levels-delete-named',
    method: 'DELETE',
    path: ALL,
    summary: 'Takes a level off the list that nobody has, whatever its name',
    query: LEVEL_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: DELETED_LEVEL,
    headers: [],
    problems: ['not-found', 'not-possible'],
    run: removeLevel,
  }),
  operation({
    name: 'manage-levels-delete',
    method: 'DELETE',
    path: `${ALL}/{levelName}`,
    summary: 'The same for a name that can be a part of a path; ?name= takes any',
    query: NO_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: DELETED_LEVEL,
    headers: [],
    problems: ['not-found', 'not-possible'],
    run: removeLevelInPath,
  }),
]
