import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { aDesk, type Desk } from './tenant-terminal.ts'

const PAGE = readFileSync('docs/connect.md', 'utf8')
const ACME = 'urn:ietf:params:scim:schemas:extension:acmehr:2.0:User'
const TENANT_URL = 'https://scim.example.com/api/scim'

/** A tenant acme, its Secret Token, and the page as it is. */
async function deskWithPage(page = PAGE): Promise<{ desk: Desk; secretToken: string }> {
  const desk = aDesk()
  desk.files['docs/connect.md'] = page
  const { out } = await desk.run('create', 'acme')
  return { desk, secretToken: /scim_\w[\w-]*/.exec(out)?.[0] ?? '' }
}

describe('guide', () => {
  test('prints the page with product and Tenant URL, and nothing else, on stdout', async () => {
    const { desk } = await deskWithPage()
    const options = ['--product', 'Acme HR', '--url', 'https://scim.example.com']
    const { code, out, err } = await desk.run('guide', 'acme', ...options)
    expect(code).toBe(0)
    expect(out).toMatch(/^# Connect your directory to Acme HR\n/)
    expect(out).toContain(`**Tenant URL**: \`${TENANT_URL}\``)
    expect(out).toContain(
      '**Token Endpoint**: `https://scim.example.com/api/oauth/token`\n3. **Client Identifier**: `scim_acme`\n',
    )
    expect(out).not.toMatch(/\{(?:Product|Tenant URL|Token URL|Client ID)\}|<!--/)
    expect(out.split('\n').length).toBeGreaterThan(200)
    expect(err).toBe(
      'the Secret Token is not in it: hand it over apart (token issue acme makes another one)',
    )
  })

  test('has no Secret Token, and says where it comes from', async () => {
    const { desk, secretToken } = await deskWithPage()
    const { out } = await desk.run('guide', 'acme', '--json', '--url', TENANT_URL)
    expect(secretToken).toMatch(/^scim_acme_/)
    expect(out).not.toContain(secretToken)
    // The client id, which is no secret, ends behind the tenant.
    expect(out).not.toMatch(/scims?_\w+_\w/)
    expect(out).toContain('**Secret Token**: it comes from us')
  })

  test('takes the Tenant URL from where create does', async () => {
    const { desk } = await deskWithPage('{Tenant URL}\n')
    desk.environment['PUBLIC_BASE_URL'] = TENANT_URL
    expect((await desk.run('guide', 'acme')).out).toBe(TENANT_URL)
  })

  test('leaves what nobody has said, and tells by which option it can be', async () => {
    const { desk } = await deskWithPage(
      '<!-- for\nyou -->\n\n{Product} at {Tenant URL}, {Token URL} for {Client ID}, {Product}\n',
    )
    const { code, out, err } = await desk.run('guide', 'acme')
    expect([code, out]).toEqual([
      0,
      '{Product} at {Tenant URL}, {Token URL} for scim_acme, {Product}',
    ])
    expect(err).toContain('{Product} is left in it: --product "Name" says')
    expect(err).toContain('{Tenant URL} is left in it: --url, or PUBLIC_BASE_URL, says')
    expect(err).toContain('{Token URL} is left in it: --url, or PUBLIC_BASE_URL, says')
  })

  test('says that nobody reaches a local Tenant URL', async () => {
    const { desk } = await deskWithPage()
    const local = 'http://localhost:7071/api/scim'
    const { err } = await desk.run('guide', 'acme', '--url', local)
    expect(err).toContain(`no identity provider reaches ${local}`)
  })

  test('takes the name of a product as it is', async () => {
    const { desk } = await deskWithPage('{Product}|{Product}')
    expect((await desk.run('guide', 'acme', '--product', "$& $' A|B")).out).toBe(
      "$& $' A|B|$& $' A|B",
    )
  })

  test('has the attributes that the tenant has declared, under the names that the app has', async () => {
    const { desk } = await deskWithPage()
    const without = (await desk.run('guide', 'acme')).out
    expect(without).not.toContain('{Own attributes}')
    expect(without).not.toContain('Yours alone')
    desk.environment['PEOPLE_EXTENSION_URN'] = ACME
    const options = [
      '--label',
      'Shoe | $&',
      '--type',
      'integer',
      '--allowed-values',
      '["42", "43"]',
    ]
    await desk.run('attribute', 'add', 'acme', 'shoe', ...options)
    await desk.run('attribute', 'add', 'acme', 'gone')
    await desk.run('attribute', 'remove', 'acme', 'gone')
    const { out } = await desk.run('guide', 'acme')
    const rows = out.split('\n').filter((line) => line.includes(`${ACME}:shoe`))
    expect(rows).toEqual([
      `| \`extensionAttribute1\` | \`${ACME}:shoe\` | Shoe \\| $&; integer; one of 42, 43 |`,
    ])
    expect(out).toContain(`\`${ACME}:startDate\``)
    expect(out).not.toMatch(/extension:people:|gone/)
  })

  test('as JSON is one document', async () => {
    const { desk } = await deskWithPage()
    const options = ['--product', 'Acme HR', '--url', TENANT_URL]
    const asText = await desk.run('guide', 'acme', ...options)
    const asJson = await desk.run('guide', 'acme', ...options, '--json')
    expect(JSON.parse(asJson.out)).toEqual({
      tenant: { id: 'acme' },
      product: 'Acme HR',
      tenantUrl: TENANT_URL,
      tokenUrl: 'https://scim.example.com/api/oauth/token',
      clientId: 'scim_acme',
      guide: asText.out,
    })
  })

  test.each(['', ' ', 'a\nb'])('refuses the product %j', async (product) => {
    const { desk } = await deskWithPage()
    const { code, out, err } = await desk.run('guide', 'acme', '--product', product)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('--product must be the name of your product, in one line')
  })

  test('of a tenant that is not there is refused, and so is a page that is not there', async () => {
    const { desk } = await deskWithPage()
    expect(await desk.run('guide', 'nope')).toMatchObject({ code: 1, out: '' })
    delete desk.files['docs/connect.md']
    const { code, err } = await desk.run('guide', 'acme')
    expect([code, err]).toEqual([1, 'there is no docs/connect.md to print'])
  })
})
