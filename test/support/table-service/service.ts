import type { TableServiceClientOptions } from '@azure/data-tables'
import { isObject } from '../../../lib/scim/json.ts'
import type { Request, Response } from '../tables.ts'
import { ResponseHeaders } from './headers.ts'
import { parseFilter, type Filter } from './filter.ts'
import { Refused, Table, type Columns, type KeptRow, type RowName, type RowWrite } from './rows.ts'

type HttpClient = NonNullable<TableServiceClientOptions['httpClient']>

/** A table service in this process, without a socket: what the app uses of Azure's, with the same answers. */
export interface TableService extends HttpClient {
  /** For `openTables`; nothing is sent there. */
  readonly connectionString: string
}

/** What a service may do otherwise. */
export interface TableServiceOptions {
  /**
   * Asked for each query: how many rows its page has at most. Azure may return fewer than asked for, or none, and still
   * have more.
   */
  readonly pageSize?: () => number
}

/** Rows in one answer at most. */
const MOST_IN_PAGE = 1000

/** With a signature rather than a key: to sign each request took a sixth of the time of a history. */
const CONNECTION_STRING =
  'TableEndpoint=https://fake.table.example;SharedAccessSignature=sv=2019-02-02&sig=none'

/** An empty service. */
export function tableService({
  pageSize = () => MOST_IN_PAGE,
}: TableServiceOptions = {}): TableService {
  const tables = new Map<string, Table>()
  return {
    connectionString: CONNECTION_STRING,
    // oxlint-disable-next-line require-await -- what it throws must be a rejection
    sendRequest: async (request) => {
      const answer = answerTo(tables, pageSize, {
        method: request.method,
        url: request.url,
        body: typeof request.body === 'string' ? request.body : '',
        ifMatch: request.headers.get('if-match'),
      })
      return toResponse(request, answer)
    },
  }
}

/** A request, or one of those that a transaction consists of. */
interface Asked {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly ifMatch: string | undefined
}

interface Answered {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

type Tables = Map<string, Table>

/** What the path names: a table, and a row where it has keys. */
const PATH = /^\/([A-Za-z]+)(?:\(\)|\(PartitionKey='((?:[^']|'')*)',RowKey='((?:[^']|'')*)'\))?$/

function answerTo(tables: Tables, pageSize: () => number, asked: Asked): Answered {
  const url = new URL(asked.url)
  const path = decodeURIComponent(url.pathname)
  try {
    if (path === '/$batch') return transaction(tables, asked.body)
    if (path === '/Tables') return createTable(tables, asked.body)
    const { table, name } = target(tables, path)
    if (asked.method !== 'GET') {
      const [etag] = table.write([toWrite(asked, name)])
      return { status: 204, ...(etag === undefined ? {} : { headers: { etag } }) }
    }
    const select = url.searchParams.get('$select')?.split(',')
    if (name === undefined) return query(table, url.searchParams, select, pageSize())
    const row = table.get(name)
    if (row === undefined) throw notFound()
    return json(200, selected(row, select), { etag: row.etag })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return failed(error, error.message.replace(/^\d+:/, ''))
  }
}

function target(tables: Tables, path: string): { table: Table; name: RowName | undefined } {
  const [, tableName = '', partitionKey, rowKey] = PATH.exec(path) ?? []
  const table = tables.get(tableName.toLowerCase())
  if (table === undefined) throw new Refused(404, 'TableNotFound', 'The table does not exist.')
  if (partitionKey === undefined || rowKey === undefined) return { table, name: undefined }
  return {
    table,
    name: {
      partitionKey: partitionKey.replaceAll("''", "'"),
      rowKey: rowKey.replaceAll("''", "'"),
    },
  }
}

function createTable(tables: Tables, body: string): Answered {
  const name = String(columnsOf(body)['TableName']).toLowerCase()
  if (tables.has(name)) throw new Refused(409, 'TableAlreadyExists', 'The table already exists.')
  tables.set(name, new Table())
  return json(201, { TableName: name })
}

const KINDS: Readonly<Record<string, RowWrite['kind']>> = {
  POST: 'insert',
  PUT: 'replace',
  PATCH: 'merge',
  DELETE: 'delete',
}

function toWrite({ method, body, ifMatch }: Asked, name: RowName | undefined): RowWrite {
  const kind = KINDS[method]
  if (kind === undefined) throw new Refused(405, 'UnsupportedHttpVerb', `no ${method}`)
  const columns = kind === 'delete' ? {} : columnsOf(body)
  const { PartitionKey: partitionKey, RowKey: rowKey } = columns
  const keys = name ?? { partitionKey: String(partitionKey), rowKey: String(rowKey) }
  return { kind, ...keys, columns, ifMatch }
}

function columnsOf(body: string): Columns {
  const parsed: unknown = JSON.parse(body)
  if (!isObject(parsed)) throw new Refused(400, 'InvalidInput', 'An entity is an object.')
  return parsed
}

/** The requests in a change set, each behind the headers of its part. */
const PART = /^(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP\/1\.1\r\n([\s\S]*)$/m

/** An entity group transaction: answered with 202, whether it was refused or not. */
function transaction(tables: Tables, body: string): Answered {
  try {
    const requests = body.split(/--changeset_[0-9a-f-]+/).flatMap(partOf)
    const targets = requests.map((each) =>
      target(tables, decodeURIComponent(new URL(each.url).pathname)),
    )
    const writes = requests.map((each, at) => toWrite(each, targets[at]?.name))
    const [first] = targets
    const etags = first?.table.write(writes) ?? []
    return changeSet(
      etags.map((etag) =>
        etag === undefined ? '204 No Content\r\n\r\n' : `204 No Content\r\nETag: ${etag}\r\n\r\n`,
      ),
    )
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { status, body: text = '' } = failed(error, error.message)
    return changeSet([`${status} Refused\r\nContent-Type: application/json\r\n\r\n${text}\r\n`])
  }
}

function partOf(part: string): readonly Asked[] {
  const [, method, url, rest = ''] = PART.exec(part) ?? []
  if (method === undefined || url === undefined) return []
  const [head = '', ...bodies] = rest.split('\r\n\r\n')
  const ifMatch = /^if-match: (.*)$/im.exec(head)?.[1]?.trim()
  return [{ method, url, ifMatch, body: bodies.join('').trim() }]
}

function changeSet(parts: readonly string[]): Answered {
  const body = [
    '--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n',
    ...parts.map(
      (part) => `--changesetresponse_1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 ${part}`,
    ),
    '--changesetresponse_1--\r\n--batchresponse_1--\r\n',
  ].join('')
  return { status: 202, headers: { 'content-type': 'multipart/mixed' }, body }
}

const NEXT_PARTITION = 'x-ms-continuation-NextPartitionKey'
const NEXT_ROW = 'x-ms-continuation-NextRowKey'

/** One page of a query; the continuation names the first row behind it. */
function query(
  table: Table,
  parameters: URLSearchParams,
  select: readonly string[] | undefined,
  pageSize: number,
): Answered {
  const filter = parseFilter(parameters.get('$filter') ?? "PartitionKey ge ''")
  const size = Math.min(pageSize, Number(parameters.get('$top') ?? MOST_IN_PAGE))
  const from = {
    partitionKey: parameters.get('NextPartitionKey') ?? filter.partitionKey ?? '',
    rowKey: parameters.get('NextRowKey') ?? filter.from ?? '',
  }
  const value: Columns[] = []
  for (const row of matching(table, filter, from)) {
    const { PartitionKey, RowKey } = row.columns
    if (value.length >= size) {
      const next = { [NEXT_PARTITION]: String(PartitionKey), [NEXT_ROW]: String(RowKey) }
      return json(200, { value }, next)
    }
    value.push(selected(row, select))
  }
  return json(200, { value })
}

function* matching(table: Table, filter: Filter, from: RowName): Generator<KeptRow> {
  for (const row of table.from(from, filter.partitionKey)) {
    const { RowKey } = row.columns
    const isWithin = filter.partitionKey !== undefined && filter.to !== undefined
    if (isWithin && String(RowKey) >= (filter.to ?? '')) return
    if (filter.matches(row.columns)) yield row
  }
}

/** A column that was asked for and that the row does not have is null. */
function selected({ columns, etag }: KeptRow, select: readonly string[] | undefined): Columns {
  const shown =
    select === undefined
      ? columns
      : Object.fromEntries(select.map((name) => [name, columns[name] ?? null]))
  return { 'odata.etag': etag, ...shown }
}

function notFound(): Refused {
  return new Refused(404, 'ResourceNotFound', 'The specified resource does not exist.')
}

function failed({ status, code }: Refused, value: string): Answered {
  return json(status, { 'odata.error': { code, message: { lang: 'en-US', value } } })
}

function json(
  status: number,
  body: Columns,
  headers: Readonly<Record<string, string>> = {},
): Answered {
  const contentType = { 'content-type': 'application/json;odata=minimalmetadata' }
  return { status, headers: { ...contentType, ...headers }, body: JSON.stringify(body) }
}

function toResponse(request: Request, { status, headers = {}, body = '' }: Answered): Response {
  return { request, status, headers: new ResponseHeaders(headers), bodyAsText: body }
}
