import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fakePrograms } from '../support/fake-programs.ts'

const { run, folder } = fakePrograms()

const script = (name: string): string => join(process.cwd(), 'tools', `${name}.sh`)
const NIGHT = /\d{4}-\d\d-\d\dT\d{6}Z/

/** A time as backups are called. */
function night(daysAgo: number): string {
  const time = new Date(Date.now() - daysAgo * 24 * 60 * 60 * 1000).toISOString()
  return `${time.slice(0, 13)}${time.slice(14, 16)}${time.slice(17, 19)}Z`
}

describe('tools/export-all.sh', () => {
  const endpoint = 'https://data.table.core.windows.net'
  const exporting = `${script('export-all')} ${endpoint} backup`

  test('exports all tenants with their credentials, for nobody else to read', () => {
    const answer = `touch backup/tenants/contoso.jsonl.gz; echo '{"tenants":1}'`
    const ran = run(`${exporting}; stat --format %a backup backup/tenants/* backup/manifest.json`, {
      answer,
    })
    expect(ran).toMatchObject({ status: 0, out: '700\n600\n600\n' })
    expect(ran.calls).toEqual([
      `node --import ./tools/installed.js tools/tenant.ts export --all --out-dir backup/tenants --with-credentials --json --endpoint ${endpoint}`,
    ])
    expect(readFileSync(join(folder(), 'backup/manifest.json'), 'utf8')).toBe('{"tenants":1}\n')
  })

  test('where a tenant is missing there is no manifest', () => {
    const ran = run(`${exporting} || echo "it is $?"; ls backup`, { answer: 'echo {}; exit 1' })
    expect(ran.out).toBe('it is 1\nmanifest.part\ntenants\n')
  })
})

describe('tools/upload-backup.sh', () => {
  const uploading = `${script('upload-backup')} stback backup`
  const files = 'mkdir -p backup/tenants; touch backup/tenants/{a,b}.jsonl.gz\n'
  const manifest = 'echo {} > backup/manifest.json\n'
  const answer = '[[ $* != *list* ]] || echo 2'
  const login = '--account-name stback --auth-mode login --only-show-errors'

  test('puts up the files, looks whether they are there, and the manifest last', () => {
    const ran = run(files + manifest + uploading, { answer })
    const [at = ''] = NIGHT.exec(ran.out) ?? []
    expect(ran).toMatchObject({ status: 0, out: `2 files are in tenants/${at}\n` })
    expect(ran.calls).toEqual([
      `az storage blob upload-batch ${login} --destination backups --destination-path tenants/${at} --source backup/tenants --pattern *.jsonl.gz --validate-content --no-progress --output none`,
      `az storage blob list ${login} --container-name backups --prefix tenants/${at}/ --num-results * --query length(@) --output tsv`,
      `az storage blob upload ${login} --container-name backups --name manifests/${at}.json --file backup/manifest.json --validate-content --no-progress --output none`,
    ])
  })

  test.each([
    ['not all tenants were exported', files, answer, 'There is no manifest'],
    ['a file is missing there', files + manifest, '[[ $* != *list* ]] || echo 1', '1 of 2 files'],
    ['az fails', files + manifest, 'exit 3', ''],
  ])('%s: it fails, and there is no manifest', (_title, before, storage, says) => {
    const ran = run(before + uploading, { answer: storage })
    expect(ran.status).not.toBe(0)
    expect(ran.err).toContain(says)
    expect(ran.calls.filter((call) => call.includes('manifests/'))).toEqual([])
  })

  test('a deployment without tenants has a backup, too', () => {
    const ran = run(`mkdir -p backup/tenants\n${manifest}${uploading}`, { answer: 'echo 0' })
    expect(ran.status).toBe(0)
    expect(ran.calls.map((call) => call.split(' ')[3])).toEqual(['list', 'upload'])
  })

  test('the alert goes by what is put up last', () => {
    const query = readFileSync('infra/queries/backup-missing.kql', 'utf8')
    const { calls } = run(files + manifest + uploading, { answer })
    const [, container, name] =
      /--container-name (\S+) --name (\S+?\/)/.exec(calls.at(-1) ?? '') ?? []
    expect(query).toContain(`'/${container}/${name}'`)
    expect(readFileSync('infra/modules/backup.bicep', 'utf8')).toContain(
      `var container = '${container}'\n`,
    )
  })
})

/** An account with this newest manifest and this largest file. */
function answers(newest: string, largest: string): string {
  return `case $* in *max_by*) echo ${largest} ;; *list*) echo ${newest} ;; esac`
}

describe('tools/fetch-backup.sh', () => {
  const fetching = `${script('fetch-backup')} stback drill`

  test('fetches the largest file of the newest whole backup', () => {
    const at = night(1)
    const largest = `tenants/${at}/contoso.jsonl.gz`
    const ran = run(fetching, { answer: answers(`manifests/${at}.json`, largest) })
    expect(ran).toMatchObject({ status: 0, out: `${largest}\n` })
    const login =
      '--account-name stback --auth-mode login --only-show-errors --container-name backups'
    expect(ran.calls).toEqual([
      `az storage blob list ${login} --prefix manifests/ --num-results * --query max([].name) --output tsv`,
      `az storage blob list ${login} --prefix tenants/${at}/ --num-results * --query max_by(@, &properties.contentLength).name --output tsv`,
      `az storage blob download ${login} --name ${largest} --file drill/contoso.jsonl.gz --validate-content --no-progress --output none`,
    ])
  })

  test.each([
    ['no backup', '', '', 'There is no whole backup'],
    ['an old one', `manifests/${night(3)}.json`, '', 'none has come for two days'],
    ['one without tenants', `manifests/${night(1)}.json`, '', 'has no file of a tenant'],
    [
      'a file that is called otherwise',
      `manifests/${night(1)}.json`,
      `tenants/${night(1)}/../x.jsonl.gz`,
      'has no file of a tenant',
    ],
  ])('%s is told', (_title, newest, largest, says) => {
    const ran = run(fetching, { answer: answers(newest, largest) })
    expect([ran.status, ran.err]).toEqual([1, expect.stringContaining(says)])
    expect(ran.calls.filter((call) => call.includes('download'))).toEqual([])
  })

  test('a failing az stops it', () => {
    expect(run(fetching, { answer: 'exit 3' }).status).toBe(3)
  })
})

test.each(['export-all', 'upload-backup', 'fetch-backup'])('tools/%s.sh tells its use', (name) => {
  const ran = run(script(name))
  expect([ran.status, ran.err]).toEqual([2, expect.stringMatching(`^usage: tools/${name}.sh <`)])
})
