import * as z from 'zod'
import {
  readActivity,
  readConnections,
  readHealth,
  readSeenAttributes,
  readStatistics,
} from './activity.ts'
import {
  ACTIVITY,
  CONNECTIONS,
  HEALTH,
  SEEN_ATTRIBUTES,
  STATISTICS_ANSWER,
} from './activity-answers.ts'
import { operation, type Operation } from './operation.ts'
import {
  ACTIVITY_PARAMETERS,
  CONNECTION_PARAMETERS,
  NO_PARAMETERS,
  STATISTICS_PARAMETERS,
} from './query.ts'

/** Of an operation that reads what happened at a tenant. */
const READING = {
  method: 'GET',
  body: z.undefined(),
  status: 200,
  headers: [],
  problems: ['not-found'],
} as const

const ONE = 'tenants/{id}'

/** The operations that read what happened at a tenant. */
export const ACTIVITY_OPERATIONS: readonly Operation[] = [
  operation({
    ...READING,
    name: 'manage-activity',
    path: `${ONE}/activity`,
    summary: 'What was changed and what was refused, the newest first, or what is new since',
    query: ACTIVITY_PARAMETERS,
    answer: ACTIVITY,
    run: readActivity,
  }),
  operation({
    ...READING,
    name: 'manage-health',
    path: `${ONE}/health`,
    summary: 'Whether provisioning works: a state, and its reason in words',
    query: NO_PARAMETERS,
    answer: HEALTH,
    run: readHealth,
  }),
  operation({
    ...READING,
    name: 'manage-stats',
    path: `${ONE}/stats`,
    summary: 'How many requests and writes, by hour or day; how many users and groups, by day',
    query: STATISTICS_PARAMETERS,
    answer: STATISTICS_ANSWER,
    run: readStatistics,
  }),
  operation({
    ...READING,
    name: 'manage-connection',
    path: `${ONE}/connection`,
    summary: 'When each credential was used, and how that went; when the connection was tested',
    query: CONNECTION_PARAMETERS,
    answer: CONNECTIONS,
    run: readConnections,
  }),
  operation({
    ...READING,
    name: 'manage-attributes-seen',
    path: `${ONE}/attributes/seen`,
    summary: 'Which attributes have come, and what is missing or unknown',
    query: NO_PARAMETERS,
    answer: SEEN_ATTRIBUTES,
    run: readSeenAttributes,
  }),
]
