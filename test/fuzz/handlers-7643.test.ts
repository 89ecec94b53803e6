import { testGeneratedRequests } from '../support/fuzz-test.ts'

testGeneratedRequests(7643)
