// A function that a key guards, with a name that sorts before those of the app: what reaches it says so.
import { app } from '@azure/functions'

for (const route of ['manage/probe', 'manage/probe/{id}']) {
  app.http(`a-probe-${route.length}`, {
    methods: ['GET', 'POST'],
    route,
    authLevel: 'function',
    handler: () => ({ body: 'the guarded function was reached' }),
  })
}
