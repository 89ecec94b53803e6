import { expect, test } from 'vitest'
import { detail, quote } from '../../../../lib/scim/detail.ts'
import { ScimError } from '../../../../lib/scim/errors.ts'
import { atOperation } from '../../../../lib/scim/patch/at-operation.ts'
import { refusalOf, said } from '../../../support/refusal.ts'

function failing(error: Error): () => never {
  return () => {
    throw error
  }
}

test('an error says which operation it is about', async () => {
  const error = new ScimError('invalidPath', detail`${quote('x')} is no path.`)
  expect(said(await refusalOf(() => atOperation(7, failing(error))))).toBe(
    'invalidPath: Operation 7: "x" is no path.',
  )
})

test('what is not about the request is thrown on as it is', () => {
  const error = new Error('broken')
  expect(() => atOperation(7, failing(error))).toThrow(error)
})

test('without an error there is the result', () => {
  expect(atOperation(7, () => 'done')).toBe('done')
})
