import { afterAll, describe } from 'vitest'
import { testVectors } from '../conformance/test-vectors.ts'
import { startApp, type RunningApp } from './running-app.ts'

let app: RunningApp | undefined

afterAll(() => app?.stop())

describe('exchanges over HTTP with the app on Azurite', () => {
  testVectors(async () => (app = await startApp()))
})
