/** Authenticates a text: base64url, the same on every instance. */
export type Sign = (text: string) => string

/**
 * Content as a text that others hand back: opaque, of unreserved characters only, and of no use for anything but what it
 * was made for.
 * @param bound what it is good for, such as a query as one text.
 */
export function seal(sign: Sign, kind: string, bound: string, content: object): string {
  const text = Buffer.from(JSON.stringify(content)).toString('base64url')
  return `${text}.${sign(signed(kind, bound, text))}`
}

/** What was sealed for this; undefined for any other text. */
export function unseal(sign: Sign, kind: string, bound: string, sealed: string): unknown {
  const [text = '', signature = '', ...more] = sealed.split('.')
  const isOurs = equalText(signature, sign(signed(kind, bound, text))) && more.length === 0
  return isOurs ? decode(text) : undefined
}

function signed(kind: string, bound: string, text: string): string {
  return `${kind}\n${text}\n${bound}`
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

/** Takes the same time wherever the texts differ. */
function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at)
  return difference === 0
}
