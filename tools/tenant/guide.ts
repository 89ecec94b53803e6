import { isLoopback } from '../../lib/loopback.ts'
import { URN } from '../../lib/scim/urn.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { clientIdOf } from '../../lib/tenants/credentials.ts'
import { requireTenant } from '../../lib/tenants/tenants.ts'
import { UsageError } from '../command-line.ts'
import { mappableAttributes, peopleUrnOf } from './attribute-commands.ts'
import type { OptionValues } from './command-line.ts'
import type { Workplace } from './commands.ts'
import { ownAttributes } from './own-attributes.ts'
import { type Outcome, tokenUrlOf } from './text.ts'

/** The page for the customer's IT admin, within the project. */
const GUIDE = 'docs/connect.md'

/** What the page has in braces and nobody has to say. */
const CLIENT_ID = '{Client ID}'

/** Where the tenant's own attributes are told of, with the empty line behind it. */
const OWN_ATTRIBUTES = '{Own attributes}\n\n'

/** What else it has in braces, and what says the value. */
const PLACEHOLDERS = [
  { value: 'product', placeholder: '{Product}', given: '--product "Name"' },
  { value: 'tenantUrl', placeholder: '{Tenant URL}', given: '--url, or PUBLIC_BASE_URL,' },
  { value: 'tokenUrl', placeholder: '{Token URL}', given: '--url, or PUBLIC_BASE_URL,' },
] as const

/**
 * The page for the customer's IT admin, with the values of vendor and tenant as far as they are known. It alone goes to
 * stdout, so that it can be kept in a file; what is left for the vendor to do goes to stderr.
 */
export async function guide(
  workplace: Workplace,
  [id = '']: readonly string[],
  { product }: OptionValues,
): Promise<Outcome> {
  const { store, tenantUrl, readText, say } = workplace
  if (product !== undefined) checkProduct(product)
  await requireTenant(store, id)
  const text = readText(GUIDE)
  if (text === undefined) throw new ScimError('notFound', `there is no ${GUIDE} to print`)
  const tokenUrl = tenantUrl === undefined ? undefined : tokenUrlOf(tenantUrl)
  const clientId = clientIdOf(id)
  const values = { product, tenantUrl, tokenUrl }
  const own = ownAttributes(await mappableAttributes(workplace, id))
  let page = withoutNote(text)
    .replaceAll(CLIENT_ID, clientId)
    .replaceAll(URN.peopleUser, peopleUrnOf(workplace))
    // A function, as labels may have `$&` in them.
    .replace(OWN_ATTRIBUTES, () => own)
  for (const { value: name, placeholder, given } of PLACEHOLDERS) {
    const value = values[name]
    if (value === undefined) say(`${placeholder} is left in it: ${given} says what belongs there`)
    // A function, as the text may have `$&` in it.
    else page = page.replaceAll(placeholder, () => value)
  }
  if (tenantUrl !== undefined && isLoopback(tenantUrl)) {
    say(`no identity provider reaches ${tenantUrl}: give the public Tenant URL by --url`)
  }
  say(`the Secret Token is not in it: hand it over apart (token issue ${id} makes another one)`)
  return { text: page, json: { tenant: { id }, ...values, clientId, guide: page } }
}

function checkProduct(product: string): void {
  if (product.trim() !== '' && !/\p{Cc}/u.test(product)) return
  throw new UsageError('--product must be the name of your product, in one line')
}

/** The comment at the beginning is for the vendor. */
function withoutNote(text: string): string {
  return text.replace(/^<!--.*?-->\s*/s, '').trimEnd()
}
