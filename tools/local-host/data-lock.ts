import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Takes a directory for this process: two Azurites on the same data would overwrite each other's. The lock is a local
 * socket, so it is gone with its process, however that ends.
 * @returns gives it back, or undefined when another process has it.
 */
export async function lockDirectory(directory: string): Promise<(() => void) | undefined> {
  const path = socketPath(directory)
  const server = (await listenOn(path)) ?? (await replaceDead(path))
  return server && (() => server.close())
}

function socketPath(directory: string): string {
  const name = `scim-data-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}

async function listenOn(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy()).unref()
  try {
    server.listen(path)
    await once(server, 'listening')
    return server
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined
    throw error
  }
}

/** The file of a Unix socket outlives a process that was killed; then nobody answers on it. */
async function replaceDead(path: string): Promise<Server | undefined> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return undefined
  } catch {
    await rm(path, { force: true })
    return await listenOn(path)
  } finally {
    socket.destroy()
  }
}
