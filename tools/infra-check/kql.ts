/// <reference types="@kusto/language-service-next" />
// In this order: the second needs what the first makes. Both leave their names in globalThis, as they are made for browsers.
import '@kusto/language-service-next/bridge.min.js'
import '@kusto/language-service-next/Kusto.Language.Bridge.min.js'

/** The tables of a workspace, as far as queries may use them, in the language itself. */
const TABLES = `let AppTraces = datatable(TimeGenerated: datetime, Message: string, SeverityLevel: int)[];
let AppMetrics = datatable(TimeGenerated: datetime, Name: string, Sum: real, Properties: dynamic)[];
let StorageBlobLogs = datatable(TimeGenerated: datetime, OperationName: string, StatusText: string, Uri: string)[];
`

/** What a workbook puts in by itself. */
const PLACEHOLDERS: Readonly<Record<string, string>> = { '{TimeRange:grain}': '1h' }

/** The environments have the same queries, and the compiler takes its time. */
const KNOWN = new Map<string, readonly string[]>()

/** What is wrong with a query, by Microsoft's own compiler of the language. */
export function kqlProblems(query: string): readonly string[] {
  const problems = KNOWN.get(query) ?? compiled(query)
  KNOWN.set(query, problems)
  return problems
}

function compiled(query: string): readonly string[] {
  const text = Object.entries(PLACEHOLDERS).reduce(
    (filled, [placeholder, value]) => filled.replaceAll(placeholder, value),
    query,
  )
  const diagnostics = Kusto.Language.KustoCode.ParseAndAnalyze(TABLES + text)?.GetDiagnostics()
  const problems: string[] = []
  for (let index = 0; index < (diagnostics?.Count ?? 0); index += 1) {
    const diagnostic = diagnostics?.getItem(index)
    problems.push(`${diagnostic?.Code ?? ''} ${diagnostic?.Message ?? ''}`.trim())
  }
  return problems
}
