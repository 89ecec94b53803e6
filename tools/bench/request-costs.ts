import type { HttpTriggerData } from '../local-host/functions-core.ts'
import type { LoadedBuild } from './builds.ts'
import { median } from './measure.ts'
import { commonestRequests, type RepeatedRequest, run } from './requests.ts'
import { sentBytes } from './sent-bytes.ts'
import { formatNumber, formatTable, type Column } from './table.ts'

/** How long to measure. */
export interface Effort {
  readonly rounds: number
  /** Milliseconds of CPU time that a request is repeated for in each round. */
  readonly roundMilliseconds: number
  /** Times that each request is run before anything counts. */
  readonly warmUp: number
}

export const EFFORT: Effort = { rounds: 9, roundMilliseconds: 150, warmUp: 200 }

/** Fewer would be noise, more would fill the tenant. */
const LEAST_REPETITIONS = 20
const MOST_REPETITIONS = 1000

/** What a request costs, in milliseconds of CPU time of this process: user and system, all threads. */
export interface RequestCost {
  readonly request: string
  /** Median of the rounds, by build in the order given. */
  readonly cpuMilliseconds: readonly number[]
  /** Bytes sent to the table service for one, in the same order; 0 where nothing is. */
  readonly sentBytes: readonly number[]
  /** The first build's time over the second's, the median of the rounds; absent with one build. */
  readonly ratio?: number
}

/**
 * Measures the ten commonest requests of one build, or of two that take turns, so that whatever else the machine does
 * slows both alike.
 * @param progress is told what is being done.
 */
export async function measureRequests(
  builds: readonly LoadedBuild[],
  { rounds, roundMilliseconds, warmUp }: Effort,
  progress: (text: string) => void,
): Promise<readonly RequestCost[]> {
  progress('creating users and groups …')
  const sets: (readonly Repeat[])[] = []
  const names: string[] = []
  for (const build of builds) {
    const requests = await commonestRequests(build)
    sets.push(requests.map((request) => (times) => costOf(build, request, times)))
    names.splice(0, names.length, ...requests.map(({ name }) => name))
  }
  // All before any is measured: the compiler sees the code as it is used.
  for (const work of sets.flat()) await work(warmUp)
  const costs: RequestCost[] = []
  for (const [at, request] of names.entries()) {
    progress(`measuring ${request} …`)
    const works = sets.flatMap((set) => set[at] ?? [])
    costs.push({ request, ...(await compare(works, rounds, roundMilliseconds)) })
  }
  return costs
}

/** What one of several requests took. */
interface Taken {
  readonly cpuMilliseconds: number
  readonly sentBytes: number
}

/** Repeats a request so many times; gives what one took. */
type Repeat = (times: number) => Promise<Taken>

async function compare(
  works: readonly Repeat[],
  rounds: number,
  roundMilliseconds: number,
): Promise<Omit<RequestCost, 'request'>> {
  const warm: number[] = []
  for (const work of works) warm.push((await work(LEAST_REPETITIONS)).cpuMilliseconds)
  // The same number for all, as some requests grow what the next one meets.
  const wanted = Math.round(roundMilliseconds / Math.max(...warm))
  const times = Math.min(MOST_REPETITIONS, Math.max(LEAST_REPETITIONS, wanted))
  const measured: Taken[][] = []
  for (let round = 0; round < rounds; round += 1) measured.push(await roundOf(works, times, round))
  const medians = (name: keyof Taken): number[] =>
    works.map((_, at) => median(measured.map((row) => row[at]?.[name] ?? NaN)))
  const costs = {
    cpuMilliseconds: medians('cpuMilliseconds'),
    sentBytes: medians('sentBytes'),
  }
  if (works.length < 2) return costs
  const ratios = measured.map(
    ([one, other]) => (one?.cpuMilliseconds ?? NaN) / (other?.cpuMilliseconds ?? NaN),
  )
  return { ...costs, ratio: median(ratios) }
}

/** Every second round begins with the last one: who comes first may pay for the other's garbage. */
async function roundOf(works: readonly Repeat[], times: number, round: number): Promise<Taken[]> {
  const row: Taken[] = []
  const order = [...works.entries()]
  for (const [at, work] of round % 2 === 0 ? order : order.toReversed()) row[at] = await work(times)
  return row
}

async function costOf(build: LoadedBuild, request: RepeatedRequest, times: number): Promise<Taken> {
  const requests = Array.from({ length: times }, (): HttpTriggerData => request.next())
  const bytesBefore = sentBytes()
  const before = process.cpuUsage()
  for (const http of requests) await run(build, request, http)
  const { user, system } = process.cpuUsage(before)
  return {
    cpuMilliseconds: (user + system) / 1000 / times,
    sentBytes: (sentBytes() - bytesBefore) / times,
  }
}

/** What is sent to the table service, as a table; undefined where all is kept in memory. */
export function bytesTable(
  places: readonly { readonly place: string; readonly costs: readonly RequestCost[] }[],
): string | undefined {
  const sending = places.filter(({ costs }) => costs.some(({ sentBytes: [one = 0] }) => one > 0))
  const [first] = sending
  if (first === undefined) return undefined
  const columns = sending.flatMap(({ place, costs }): Column[] =>
    (costs[0]?.ratio === undefined ? [place] : [place, 'other']).map((title) => ({
      title,
      align: 'right',
    })),
  )
  const rows = first.costs.map(({ request }, at) =>
    [request].concat(sending.flatMap(({ costs }) => costs[at]?.sentBytes ?? []).map(formatNumber)),
  )
  return formatTable([{ title: 'Bytes sent to the table service a request' }, ...columns], rows)
}

/** The costs as a table; `places` are where they were measured. */
export function costTable(
  places: readonly { readonly place: string; readonly costs: readonly RequestCost[] }[],
): string {
  const columns = places.flatMap(({ place, costs }): Column[] =>
    (costs[0]?.ratio === undefined ? [place] : [place, 'other', 'ratio']).map((title) => ({
      title,
      align: 'right',
    })),
  )
  const rows = (places[0]?.costs ?? []).map(({ request }, at) =>
    [request].concat(places.flatMap(({ costs }) => cells(costs[at]))),
  )
  return formatTable([{ title: 'CPU ms a request' }, ...columns], rows)
}

function cells(cost: RequestCost | undefined): string[] {
  if (cost === undefined) return []
  const { cpuMilliseconds, ratio } = cost
  return [...cpuMilliseconds, ...(ratio === undefined ? [] : [ratio])].map(formatNumber)
}
