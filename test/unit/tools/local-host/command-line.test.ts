import { describe, expect, test } from 'vitest'
import { parseCommandLine, usage } from '../../../../tools/local-host/command-line.ts'

const DEFAULTS = { port: 7071, fresh: false, demoData: false, quiet: false, help: false }

test.each([
  [[], DEFAULTS],
  [['--port', '0'], { ...DEFAULTS, port: 0 }],
  [['--port=65535', '--quiet', '--fresh'], { ...DEFAULTS, port: 65_535, quiet: true, fresh: true }],
  [['--storage', 'A=b;C=d', '--data', 'x'], { ...DEFAULTS, storage: 'A=b;C=d', data: 'x' }],
  [['--demo-data'], { ...DEFAULTS, demoData: true }],
  [['--help'], { ...DEFAULTS, help: true }],
])('%j', (args, options) => {
  expect(parseCommandLine(args, 'npm start', {})).toEqual(options)
})

function mistakeIn(args: readonly string[]): unknown {
  try {
    return parseCommandLine(args, 'npm start', {})
  } catch (error) {
    return error
  }
}

describe('a mistake is one line', () => {
  test.each([
    [['--bogus'], "Unknown option '--bogus'; npm start -- --help lists the options"],
    [['extra'], "Unexpected argument 'extra'; npm start -- --help lists the options"],
    [
      ['--storage'],
      "Option '--storage <value>' argument missing; npm start -- --help lists the options",
    ],
    [['--port', '65536'], '--port must be a number from 0 to 65535, not "65536"'],
    [['--port', '-1'], '--port must be a number from 0 to 65535, not "-1"'],
    [['--quiet', '--port', '-1', '--fresh'], '--port must be a number from 0 to 65535, not "-1"'],
    [['--storage', ''], '--storage is empty; give a connection string'],
    [['--storage', ' '], '--storage is empty; give a connection string'],
    [['--data', ''], '--data is empty'],
    [['--port', '7e3'], '--port must be a number from 0 to 65535, not "7e3"'],
    [['--port', ''], '--port must be a number from 0 to 65535, not ""'],
    [['--fresh', '--storage', 'x'], '--fresh empties the data of Azurite only'],
  ])('%j', (args, message) => {
    const error = mistakeIn(args)
    expect(error).toMatchObject({ name: 'UsageError' })
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain('\n')
  })
})

test('an option that npm has taken is not lost in silence', () => {
  const environment = { npm_config_port: '7301' }
  expect(() => parseCommandLine([], 'npm start', environment)).toThrow(
    'npm has taken --port for itself; put two dashes before it: npm start -- --port …',
  )
})

test('the usage names every option', () => {
  for (const option of ['port', 'storage', 'data', 'fresh', 'demo-data', 'quiet', 'help']) {
    expect(usage('npm start')).toContain(`--${option}`)
  }
})
