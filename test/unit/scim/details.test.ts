import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Where an error's detail is written; those of what an operator declares are for the terminal, in the words of its other lines. */
const OF_OPERATORS =
  /^lib[\\/](?:(?:backup|tenants)[\\/]|people[\\/](?:definitions|allowed-values)\.ts$)/
const FILES = globSync('lib/**/*.ts').filter((file) => !OF_OPERATORS.test(file))

/** The last argument of a call that makes an error, where it is one text. */
const DETAIL =
  /\b(?:new ScimError\(\s*(?:'\w+'|[\w.]+(?: \?\? '\w+')?|this\.#syntax\.kind),|unavailable\(|reader\.error\(|reader\.misread\()\s*(?:(?:format|detail)?`((?:[^`\\]|\\.)*)`|'((?:[^'\\]|\\.)*)')/g

/** Words with which a sentence begins, and no name of an attribute or a parameter. */
const SMALL_START = /^(?:the|a|an|no|not|none|there|this|that|it|of|all|only|only one|expected)\b/

const details = FILES.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(DETAIL)].map(([, template, text]) => ({
    file,
    detail: template ?? text ?? '',
  })),
)

test('the check sees the details, and what is none of a sentence', () => {
  expect(details.length).toBeGreaterThan(70)
  expect(isSentence('the storage is not available; try again')).toBe(false)
  expect(isSentence('The storage is not available')).toBe(false)
  expect(isSentence('userName is required.')).toBe(true)
})

test('every detail of an error is made of sentences', () => {
  expect(details.filter(({ detail }) => !isSentence(detail))).toEqual([])
})

/** Ends with a full stop, or with a part that has its own end. */
function isSentence(detail: string): boolean {
  return /[.?}]$/.test(detail) && !SMALL_START.test(detail)
}
