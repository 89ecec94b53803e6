/** What the endpoint accepts and returns at most; ServiceProviderConfig and the README's table of limits say the same. */
export const LIMITS = {
  /** Bytes of a request body; more is 413. */
  bodyBytes: 1_048_576,
  /** Bytes of the body of a request to a type that has members: about 50,000 of them. */
  groupBodyBytes: 8 * 1_048_576,
  /** Levels of nested arrays and objects in a request body. */
  bodyDepth: 32,
  /** Bytes of an answer, which may hold one resource more; a list is cut short, a single resource never is. */
  answerBytes: 16 * 1_048_576,
  /** Seconds that a request may take, an operation of a bulk too: below the 60 s after which Okta hangs up. */
  requestSeconds: 20,
  /** Seconds after which a bulk begins no further operation. */
  bulkSeconds: 100,
  /** Characters (UTF-16 code units) of a value's text. */
  textCharacters: 8192,
  /** Characters of a reference (the URL of a photo may be signed) or of binary data (certificates). */
  longTextCharacters: 65_536,
  /** Combining marks in a row: more take more than linear time to compare (UAX #15, Stream-Safe Text Format). */
  combiningMarks: 30,
  /** Values of a multi-valued attribute. */
  values: 1000,
  /** Values of a multi-valued attribute that filters find without a scan, such as `emails`. */
  indexedValues: 30,
  /** Values of all indexed attributes of one resource together. */
  indexEntries: 44,
  /** Values of those of them that a tenant has declared. */
  declaredEntries: 7,
  /** Attributes that a tenant may declare. */
  definitions: 100,
  /** URNs under which they may be. */
  definitionUrns: 10,
  /** Values that one of them may be restricted to. */
  allowedValues: 200,
  /** Characters of such a value. */
  allowedValueCharacters: 200,
  /** Characters of JSON of one resource, memberships not counted. */
  resourceCharacters: 480_000,
  /** Characters of a filter. */
  filterCharacters: 10_000,
  /** Nested parentheses, brackets and `not` in a filter. */
  filterDepth: 40,
  /** Characters of a PATCH path, which may be a filter: some clients remove all leavers by one (BR3-08). */
  pathCharacters: 10_000,
  /** Operations of a PATCH. */
  patchOperations: 1000,
  /** Comparisons of values with conditions in a PATCH; 50 characters that are searched count as one more. */
  patchComparisons: 2_000_000,
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
