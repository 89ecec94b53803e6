import { writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { openApiDocument } from '../lib/manage/documents.ts'
import { MANAGE_OPERATIONS } from '../lib/manage/operations.ts'

/** `npm run openapi`: writes docs/openapi.json, what `GET /api/manage/openapi.json` answers. */

const DOCUMENT = 'docs/openapi.json'

/** The document as prettier leaves it. */
export async function formattedDocument(): Promise<string> {
  const options = await resolveConfig(DOCUMENT)
  const text = JSON.stringify(openApiDocument(MANAGE_OPERATIONS))
  return format(text, { ...options, filepath: DOCUMENT })
}

if (import.meta.main) writeFileSync(DOCUMENT, await formattedDocument())
