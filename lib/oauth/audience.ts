/** An audience in its shortest form: Entra's portal shows `api://<id>/.default`, its token has `api://<id>` or the id alone. */
function plain(audience: string): string {
  return audience.replace(/\/\.default$/, '').replace(/^api:\/\//, '')
}

/** Whether one of the audiences of a JWT (RFC 7519 §4.1.3) is the registered one. */
export function hasAudience(aud: string | readonly string[] | undefined, wanted: string): boolean {
  const audiences = typeof aud === 'string' ? [aud] : (aud ?? [])
  return audiences.some((each) => typeof each === 'string' && plain(each) === plain(wanted))
}
