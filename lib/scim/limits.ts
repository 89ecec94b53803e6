/** What the endpoint accepts and returns at most; ServiceProviderConfig and the README's table of limits say the same. */
export const LIMITS = {
  /** Bytes of a request body; more is 413. */
  bodyBytes: 1_048_576,
  /** Levels of nested arrays and objects in a request body. */
  bodyDepth: 32,
  /** Characters of a filter. */
  filterCharacters: 10_000,
  /** Nested parentheses, brackets and `not` in a filter. */
  filterDepth: 40,
  /** Characters of a PATCH path. */
  pathCharacters: 1000,
  /** Operations of a PATCH. */
  patchOperations: 1000,
  /** Operations of a BulkRequest (RFC 7643 §5 `bulk.maxOperations`); more is 413. */
  bulkOperations: 1000,
  /** Resources in one answer, whatever `count` says (RFC 7643 §5 `filter.maxResults`, RFC 9865 §4 `maxPageSize`). */
  pageSize: 1000,
  /** Resources in one answer without `count`. */
  defaultPageSize: 100,
  /** Resources that one request can sort: they are held in memory. */
  sortedResources: 10_000,
  /** Resources that can be sorted by their unique name: of them the names alone are held in memory. */
  sortedNames: 100_000,
  /** Seconds that a cursor is good for (RFC 9865 §4 `cursorTimeout`). */
  cursorSeconds: 3600,
} as const
