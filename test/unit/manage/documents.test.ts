import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openApiDocument, settingsSchema } from '../../../lib/manage/documents.ts'
import { MANAGE_OPERATIONS } from '../../../lib/manage/operations.ts'
import { PROBLEMS } from '../../../lib/manage/problem.ts'
import { TENANT_SETTINGS } from '../../../lib/tenants/settings.ts'
import { formattedDocument } from '../../../tools/openapi.ts'

const OPERATION = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  parameters: z.array(z.looseObject({})),
  requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string().min(1) })),
})

const DOCUMENT = z.looseObject({
  openapi: z.literal('3.1.1'),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), OPERATION)),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
})

const document = DOCUMENT.parse(openApiDocument(MANAGE_OPERATIONS))
const text = JSON.stringify(document)

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
)

test('docs/openapi.json is what the operations are: npm run openapi writes it', async () => {
  expect(readFileSync('docs/openapi.json', 'utf8')).toBe(await formattedDocument())
})

describe('the document', () => {
  test('has every operation once', () => {
    const inTable = MANAGE_OPERATIONS.map(
      ({ name, method, path }) => `${name} ${method.toLowerCase()} /${path}`,
    )
    const inDocument = operations.map(
      ({ path, method, operation }) => `${operation.operationId} ${method} ${path}`,
    )
    expect(inDocument.toSorted()).toEqual(inTable.toSorted())
    expect(new Set(MANAGE_OPERATIONS.map(({ name }) => name)).size).toBe(inTable.length)
  })

  test('has no reference that leads nowhere', () => {
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
    expect(references.length).toBeGreaterThan(30)
    for (const reference of references) {
      let at: unknown = document
      for (const name of reference.split('/')) {
        at = z.looseObject({}).parse(at)[name]
        if (at === undefined) throw new Error(`${reference} leads nowhere`)
      }
    }
  })

  test('declares the parameters that are in its paths', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const declared = operation.parameters.map(({ $ref }) =>
        String($ref).replace('#/components/parameters/', ''),
      )
      expect(declared).toEqual(expect.arrayContaining(inPath))
    }
  })

  test('says of each operation what it can be refused with', () => {
    for (const { operation } of operations) {
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['400', '401', '403', '500', '503']),
      )
      expect(operation.responses['413'] !== undefined).toBe(operation.requestBody !== undefined)
    }
    for (const [kind, { status }] of Object.entries(PROBLEMS)) {
      // The catch-all says it, which is no operation.
      if (kind === 'method-not-allowed') continue
      const told = operations.map(({ operation }) => operation.responses[String(status)])
      const words = told.map((response) => response?.description ?? '').join()
      expect(words).toContain(`\`${kind}\``)
    }
  })

  test('refuses unknown members of requests, and promises nothing of those of answers', () => {
    const { NewTenant, TenantPatch, Tenant, TenantList, Problem } = document.components.schemas
    for (const request of [NewTenant, TenantPatch]) {
      expect(request?.['additionalProperties']).toBe(false)
    }
    expect(JSON.stringify([Tenant, TenantList, Problem])).not.toContain('additionalProperties')
  })

  test('has no $id, which would move what its references are relative to', () => {
    expect(text).not.toMatch(/"\$(?:id|schema)"/)
  })
})

test('the settings’ schema has the type, default, limits and meaning of each', () => {
  const description = z.string().min(20)
  const PROPERTY = z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('integer'),
      default: z.int(),
      minimum: z.int(),
      maximum: z.int(),
      description,
    }),
    z.strictObject({ type: z.literal('boolean'), default: z.boolean(), description }),
    z.strictObject({
      type: z.literal('string'),
      enum: z.array(z.string()),
      default: z.string(),
      description,
    }),
    z.strictObject({
      type: z.literal('array'),
      items: z.strictObject({
        type: z.literal('string'),
        maxLength: z.int(),
        pattern: z.string(),
      }),
      maxItems: z.int(),
      default: z.array(z.string()),
      description,
    }),
  ])
  const { properties, required } = settingsSchema()
  const parsed = z.record(z.string(), PROPERTY).parse(properties)
  expect(Object.keys(parsed)).toEqual(Object.keys(TENANT_SETTINGS.shape))
  expect(parsed['requestsPerSecond']).toMatchObject({ default: 100, minimum: 25, maximum: 1000 })
  expect(required).toBeUndefined()
})
