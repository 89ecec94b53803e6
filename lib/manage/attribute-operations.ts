import * as z from 'zod'
import { ATTRIBUTE, ATTRIBUTE_LIST } from './answers.ts'
import {
  changeAttribute,
  declareAttribute,
  listAttributes,
  readAttribute,
  removeAttribute,
} from './attributes.ts'
import { ATTRIBUTE_PATCH, NEW_ATTRIBUTE } from './bodies.ts'
import { operation, type Operation } from './operation.ts'
import { MANAGE_LIMITS, NO_PARAMETERS, PAGE_PARAMETERS, REMOVAL_PARAMETERS } from './query.ts'

const ALL = 'tenants/{id}/attributes'
const ONE = `${ALL}/{attributeId}`

/** The operations on what tenants declare; `attributes/seen` is none of them: no attribute is called so. */
export const ATTRIBUTE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'manage-attributes-list',
    method: 'GET',
    path: ALL,
    summary: 'The attributes that a tenant has declared, oldest first, removed ones too',
    query: PAGE_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: ATTRIBUTE_LIST,
    headers: [],
    problems: ['not-found'],
    run: listAttributes,
  }),
  operation({
    name: 'manage-attributes-declare',
    method: 'POST',
    path: ALL,
    summary: 'One more attribute of its users, everywhere within 30 seconds',
    query: NO_PARAMETERS,
    body: NEW_ATTRIBUTE,
    bodyBytes: MANAGE_LIMITS.attributeBodyBytes,
    status: 201,
    answer: ATTRIBUTE,
    headers: ['Location', 'ETag'],
    problems: ['not-found', 'taken', 'not-possible'],
    run: declareAttribute,
  }),
  operation({
    // The host tries functions in the order of their names: `manage-attributes-seen` has to come first.
    name: 'manage-attributes-show',
    method: 'GET',
    path: ONE,
    summary: 'One attribute, with its names for the mappings of an identity provider',
    query: NO_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: ATTRIBUTE,
    headers: ['ETag'],
    problems: ['not-found'],
    run: readAttribute,
  }),
  operation({
    name: 'manage-attributes-change',
    method: 'PATCH',
    path: ONE,
    summary: 'Changes label, description, allowed values, unique or indexed',
    query: NO_PARAMETERS,
    body: ATTRIBUTE_PATCH,
    bodyBytes: MANAGE_LIMITS.attributeBodyBytes,
    status: 200,
    answer: ATTRIBUTE,
    headers: ['ETag'],
    takesIfMatch: true,
    problems: ['not-found', 'not-possible'],
    run: changeAttribute,
  }),
  operation({
    name: 'manage-attributes-remove',
    method: 'DELETE',
    path: ONE,
    summary: 'Removes an attribute: what users have of it is hidden, and lost only when purged',
    query: REMOVAL_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: ATTRIBUTE,
    headers: ['ETag'],
    takesIfMatch: true,
    problems: ['not-found', 'not-possible'],
    run: removeAttribute,
  }),
]
