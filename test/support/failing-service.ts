import { RestError } from '@azure/data-tables'
import { below, seeded } from './history/random.ts'
import { ResponseHeaders } from './table-service/headers.ts'
import type { TableService } from './table-service/service.ts'

/** Of 100 requests so many are refused, and of so many more the answer is lost. */
const REFUSED_PERCENT = 6
const LOST_PERCENT = 4

/** A service that is too busy now and then, or whose answers are lost; a seed always gives the same ones. */
export function failing(service: TableService, seed: number): TableService {
  const random = seeded(seed)
  return {
    ...service,
    sendRequest: async (request) => {
      const chance = below(random, 100)
      // Tables are made before anything is read or written.
      if (request.url.includes('/Tables')) return service.sendRequest(request)
      if (chance < REFUSED_PERCENT) {
        return { request, status: 503, headers: new ResponseHeaders({}), bodyAsText: '' }
      }
      const response = await service.sendRequest(request)
      if (chance >= REFUSED_PERCENT + LOST_PERCENT) return response
      throw new RestError('socket hang up', { code: 'ECONNRESET', request })
    },
  }
}
