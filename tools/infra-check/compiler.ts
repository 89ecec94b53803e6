import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../local-host/function-files.ts'
import { StartError } from '../local-host/lifetime.ts'

const run = promisify(execFile)

type Environment = Readonly<Record<string, string | undefined>>

/** A Bicep compiler on this machine. */
export interface Compiler {
  readonly path: string
  readonly version: string
}

/** Where no compiler can be had: what was tried. */
export interface NoCompiler {
  readonly tried: readonly string[]
}

/** Says that a run without the compiler is a failure: set in CI. */
export const REQUIRE = 'CI_REQUIRE_BICEP'

/** Whether it does: whatever is set counts, but what stands for no. */
export function isRequired(environment: Environment = process.env): boolean {
  return !['', '0', 'false'].includes((environment[REQUIRE] ?? '').trim().toLowerCase())
}

/** What is restored where there is no compiler; NuGet has one for each platform. */
const VERSION = '0.49.2'

/** The first that tells the predicted resources by JSON-RPC with their outputs, as far as it is known. */
const OLDEST = [0, 46]

const EXECUTABLE = process.platform === 'win32' ? 'bicep.exe' : 'bicep'

/** A binary unpacks a part of itself before it runs, and the home folder may not be writable. */
const UNPACKED = join(ROOT, 'node_modules/.cache/bicep')

/**
 * Finds the compiler: `BICEP_PATH`, `bicep` on the PATH, that of `az bicep`, the one that was restored before; else
 * restores it from NuGet.
 * @throws StartError when `BICEP_PATH` names none.
 */
export async function findCompiler({
  environment = process.env,
  mayRestore,
}: {
  readonly environment?: Environment
  readonly mayRestore: boolean
}): Promise<Compiler | NoCompiler> {
  const { BICEP_PATH: named = '' } = environment
  if (named !== '') {
    const compiler = await compilerAt(named)
    if (typeof compiler !== 'string') return compiler
    throw new StartError(`BICEP_PATH: ${compiler}`)
  }
  const tried: string[] = []
  const restored = join(packagesFolder(environment), packageName(), VERSION, 'tools', EXECUTABLE)
  for (const path of [...installedPaths(environment), restored].filter((each) =>
    existsSync(each),
  )) {
    const compiler = await compilerAt(path)
    if (typeof compiler !== 'string') return compiler
    tried.push(compiler)
  }
  if (!mayRestore) return { tried: [...tried, 'none is on the PATH, by az or restored before'] }
  const problem = await restore(environment)
  if (problem !== undefined) return { tried: [...tried, problem] }
  const compiler = await compilerAt(restored)
  return typeof compiler === 'string' ? { tried: [...tried, compiler] } : compiler
}

/** The environment that the compiler runs in: parameter files must not read what whoever calls has set. */
export function compilerEnvironment(environment: Environment = process.env): Environment {
  const kept = ['PATH', 'HOME', 'USERPROFILE', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR']
  return {
    ...Object.fromEntries(kept.map((name) => [name, environment[name]])),
    DOTNET_BUNDLE_EXTRACT_BASE_DIR: UNPACKED,
    NO_COLOR: '1',
  }
}

function installedPaths(environment: Environment): readonly string[] {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const azure = environment['AZURE_CONFIG_DIR'] ?? join(homedir(), '.azure')
  return [...folders, join(azure, 'bin')].map((folder) => join(folder, EXECUTABLE))
}

/** The compiler, or what is wrong with it. */
async function compilerAt(path: string): Promise<Compiler | string> {
  await mkdir(UNPACKED, { recursive: true })
  try {
    const { stdout } = await run(path, ['--version'], { env: compilerEnvironment() })
    const [, version = ''] = /version (\d+\.\d+\.\d+)/.exec(stdout) ?? []
    if (isKnown(version)) return { path, version }
    return `${path} is Bicep ${version}, older than ${OLDEST.join('.')}`
  } catch (error) {
    return `${path} does not run: ${firstLine(error)}`
  }
}

function isKnown(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** NuGet's own folder, so that it is restored once for all checkouts. */
function packagesFolder(environment: Environment): string {
  const { NUGET_PACKAGES: named = '' } = environment
  if (named !== '') return named
  try {
    accessSync(homedir(), constants.W_OK)
    return join(homedir(), '.nuget/packages')
  } catch {
    return join(ROOT, 'node_modules/.cache/nuget')
  }
}

/** What NuGet calls the platforms that it names otherwise than Node.js does. */
const PLATFORMS: Readonly<Record<string, string>> = { darwin: 'osx', win32: 'win' }

function packageName(): string {
  const { platform, arch } = process
  return `azure.bicep.commandline.${PLATFORMS[platform] ?? platform}-${arch}`
}

/** @returns what went wrong. */
async function restore(environment: Environment): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'bicep-restore-'))
  try {
    await writeFile(join(folder, 'restore.csproj'), projectFile())
    await run('dotnet', ['restore', '--verbosity', 'quiet'], {
      cwd: folder,
      env: {
        ...environment,
        NUGET_PACKAGES: packagesFolder(environment),
        DOTNET_CLI_HOME: folder,
        DOTNET_CLI_TELEMETRY_OPTOUT: '1',
        DOTNET_NOLOGO: '1',
      },
      timeout: 120_000,
    })
    return undefined
  } catch (error) {
    return `dotnet could not restore ${packageName()} ${VERSION}: ${firstLine(error)}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A project of nothing but the package. */
function projectFile(): string {
  return `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netstandard2.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="${packageName()}" Version="[${VERSION}]" />
  </ItemGroup>
</Project>
`
}

function firstLine(error: unknown): string {
  const output = error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : ''
  const message = error instanceof Error ? error.message : String(error)
  return (output === '' ? message : output).split('\n')[0] ?? ''
}
