import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listenError } from '../../../../tools/local-host/listen-error.ts'

/** As Node.js makes it. */
function systemError(syscall: string, code: string): Error {
  const error = new Error(`${syscall} ${code}: 127.0.0.1:80`)
  return Object.assign(error, { syscall, code, address: '127.0.0.1', port: 80 })
}

test.each([
  ['EADDRINUSE', 'port 80 is in use; '],
  ['EACCES', 'port 80 needs rights that this user does not have; '],
  ['EADDRNOTAVAIL', 'port 80 cannot be opened (EADDRNOTAVAIL); '],
])('%s in one line, with the way out', (code, message) => {
  expect(listenError(systemError('listen', code), 80)).toMatchObject({
    name: 'StartError',
    message: `${message}npm start -- --port 0 takes a free one`,
  })
})

test('what Node.js throws is recognised', async () => {
  const server = createServer()
  const failed = once(server, 'listening').catch((error: unknown) => error)
  server.listen(0, '192.0.2.1')
  expect(String(listenError(await failed, 0))).toMatch(
    /^StartError: port 0 cannot be opened \(E[A-Z]+\); /,
  )
})

test.each([new Error('other'), systemError('open', 'EACCES'), 'text'])('%s stays', (error) => {
  expect(listenError(error, 80)).toBe(error)
})
