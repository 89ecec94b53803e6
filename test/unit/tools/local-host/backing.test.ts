import { expect, test } from 'vitest'
import { guardedEntryPoint } from '../../../../tools/local-host/backing.ts'
import { loadFunctions } from '../../../../tools/local-host/loaded-functions.ts'

/** The line that `npm start` prints where the app has functions of these levels. */
function line(...levels: readonly string[]): string | undefined {
  const functions = levels.map((authLevel) => {
    const trigger = { type: 'httpTrigger', direction: 'in', authLevel }
    return {
      metadata: { name: `f-${authLevel}`, bindings: { trigger } },
      callback: () => undefined,
    }
  })
  const keys = { master: 'the-master-key', host: 'the-host-key' }
  return guardedEntryPoint(loadFunctions(functions, 'api'), keys, 7071)
}

test('the line to try the manage API has the host key, and is there with a function that wants it', () => {
  expect(line('anonymous', 'function')).toBe(
    'curl -H "x-functions-key: the-host-key" "http://localhost:7071/api/manage/tenants"',
  )
  expect(line('anonymous', 'admin')).toBeUndefined()
})
