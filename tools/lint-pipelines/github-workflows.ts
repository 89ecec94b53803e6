import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import type { validate } from '@actions/languageservice'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { metadataOf } from './actions.ts'
import type { Finding } from './finding.ts'

/** The service remembers what it has read by its address. */
let address = 0

/** What GitHub's own language service says of a workflow: its schema, its expressions, inputs of actions and of workflows. */
export async function lintWorkflow(
  file: string,
  text: string = readFileSync(file, 'utf8'),
): Promise<readonly Finding[]> {
  const service = await languageService()
  address += 1
  const document = TextDocument.create(`file:///${address}/${file}`, 'yaml', 0, text)
  const diagnostics = await service.validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name }) => metadataOf(`${owner}/${name}`),
    },
    fileProvider: {
      getFileContent: async (reference) => {
        // A workflow of this repository has no version of its own.
        const path = 'path' in reference ? reference.path : ''
        return { name: path, content: readFileSync(path, 'utf8') }
      },
    },
  })
  return diagnostics.map(({ message, range }) => ({
    file,
    line: range.start.line + 1,
    message: typeof message === 'string' ? message : message.value,
  }))
}

/** It is made for bundlers: what it imports as JSON does not say so, and Node.js wants it to. */
async function languageService(): Promise<{ readonly validate: typeof validate }> {
  const hooks = registerHooks({
    load: (url, context, next) => {
      if (!url.endsWith('.json')) return next(url, context)
      return next(url, { ...context, importAttributes: { type: 'json' } })
    },
  })
  try {
    return await import('@actions/languageservice')
  } finally {
    hooks.deregister()
  }
}
