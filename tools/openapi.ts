// npm run openapi: writes docs/openapi.json, what `GET /api/manage/openapi.json` answers.
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { openApiDocument } from '../lib/manage/documents.ts'
import { MANAGE_OPERATIONS } from '../lib/manage/operations.ts'
import { readOptions, runTool } from './command-line.ts'

const USAGE = `npm run openapi

Writes docs/openapi.json: the operations of the manage API, made of the schemas that check its requests.

  --help    this text`

const DOCUMENT = 'docs/openapi.json'

/** The document as prettier leaves it. */
export async function formattedDocument(): Promise<string> {
  const options = await resolveConfig(DOCUMENT)
  const text = JSON.stringify(openApiDocument(MANAGE_OPERATIONS))
  return format(text, { ...options, filepath: DOCUMENT })
}

async function run(args: readonly string[]): Promise<void> {
  readOptions({}, args)
  const text = await formattedDocument()
  const isNew = readFileSync(DOCUMENT, 'utf8') !== text
  if (isNew) writeFileSync(DOCUMENT, text)
  const state = isNew ? 'written' : 'it was up to date'
  console.log(`${DOCUMENT}: ${MANAGE_OPERATIONS.length} operations; ${state}`)
}

if (import.meta.main) await runTool(USAGE, run)
