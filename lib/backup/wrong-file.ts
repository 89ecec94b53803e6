import { ScimError } from '../scim/errors.ts'

/** What keeps a file from being read as the export of a tenant, in one line; where it is known, with the number of its line. */
export function wrongFile(what: string, line?: number): ScimError {
  const place = line === undefined ? 'the file' : `line ${line.toLocaleString('en-US')} of the file`
  return new ScimError('invalidValue', `${place} ${what}; nothing of it is taken`)
}

/** Reads what a line says. @throws ScimError `invalidValue` for what cannot be, with the number of the line. */
export function inLine<Result>(line: number, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    throw wrongFile(`is wrong: ${error.detail.replace(/\.$/, '')}`, line)
  }
}
