import { subscribe } from 'node:diagnostics_channel'
import { Socket } from 'node:net'

let closed = 0
const open = new Set<Socket>()

subscribe('net.client.socket', (message) => {
  const socket =
    typeof message === 'object' && message !== null && 'socket' in message
      ? message.socket
      : undefined
  if (!(socket instanceof Socket)) return
  open.add(socket)
  socket.once('close', () => {
    open.delete(socket)
    closed += socket.bytesWritten
  })
})

/** Bytes that this process has sent over the sockets that it opened, since this was loaded. */
export function sentBytes(): number {
  let sum = closed
  for (const { bytesWritten } of open) sum += bytesWritten
  return sum
}
