import type { SendScim } from '../demo-data/client.ts'
import { StartError } from '../local-host/lifetime.ts'
import type { Application, Person } from './application.ts'
import { ProvisioningJob } from './entra.ts'
import { comparePeople } from './expected.ts'
import {
  firstDirectory,
  idOf,
  joined,
  left,
  withAccount,
  withGroup,
  withoutAccount,
  type Account,
  type Directory,
} from './source.ts'
import { countsOf, peopleTable, sentLines } from './text.ts'

/** What a story is played with. */
export interface Stage {
  readonly application: Application
  readonly scim: SendScim
  readonly peopleUrn: string
  readonly say: (text: string) => void
}

/** The groups that the story tells of, by their `externalId`s; the last one is not there at the beginning. */
const GROUPS = {
  sales: '6f2d8c1e-94b7-4a05-8d3c-000000002002',
  product: '6f2d8c1e-94b7-4a05-8d3c-000000002003',
  mentors: '6f2d8c1e-94b7-4a05-8d3c-000000002005',
} as const

/**
 * Plays what customers do to their people, by an identity provider and by hand, and shows the people before and after.
 * @throws StartError with the first thing that is not as it should be
 */
export async function playStory(stage: Stage): Promise<void> {
  const { application, say } = stage
  const story = new Story(stage)
  const before = await story.firstRun()
  say(`\nPeople before\n\n${peopleTable(before.people)}\n`)
  await story.rename()
  await story.move()
  await story.leaver()
  await story.removedManager()
  await story.returner()
  await story.otherAddress()
  await story.adoption()
  const { people } = await story.compare()
  say(`\nPeople after\n\n${peopleTable(people)}\n`)
  const { changed, removed } = await application.changedSince(before.position)
  compareChanges(before.people, people, { changed, removed })
  say(`Changed since the first list: ${changed.size} people, and ${removed.size} removed`)
  say('All as it should be.')
}

/** Nothing is missed; what is young may come again. */
function compareChanges(
  before: readonly Person[],
  after: readonly Person[],
  { changed, removed }: Awaited<ReturnType<Application['changedSince']>>,
): void {
  const versions = new Map(before.map(({ id, version }) => [id, version]))
  const missed = after.find(({ id, version }) => versions.get(id) !== version && !changed.has(id))
  expectThat(missed === undefined, `the change of ${missed?.email} is missed`)
  const gone = before.filter(({ id }) => !after.some((each) => each.id === id))
  const told = gone.every(({ id }) => removed.has(id)) && removed.size === gone.length
  expectThat(told, `${gone.length} people are removed, and ${removed.size} are told`)
}

class Story {
  readonly #stage: Stage
  readonly #job: ProvisioningJob
  readonly #byHand = new Map<string, readonly string[]>()
  #directory = firstDirectory()
  #steps = 0

  constructor(stage: Stage) {
    this.#stage = stage
    this.#job = new ProvisioningJob(stage.scim, stage.peopleUrn)
  }

  async firstRun(): ReturnType<Application['people']> {
    const sent = await this.#job.run(this.#directory)
    const { accounts, groups } = this.#directory
    this.#stage.say(`First run: ${accounts.size} people, ${groups.size} groups, ${countsOf(sent)}`)
    return this.compare()
  }

  /** The people are as the directory is. */
  async compare(): ReturnType<Application['people']> {
    const read = await this.#stage.application.people()
    const [directory, { ids }, byHand] = [this.#directory, this.#job, this.#byHand]
    comparePeople(read.people, { directory, ids, byHand })
    return read
  }

  async rename(): Promise<void> {
    this.#title('A rename: Zofia Wójcik is called Lindqvist')
    await this.#account('zofia.wojcik', { familyName: 'Lindqvist' })
    await this.compare()
  }

  async move(): Promise<void> {
    this.#title('A move: Noah Becker goes from the Product team to the Sales team')
    const noah = idOf('noah.becker')
    await this.#run(left(joined(this.#directory, GROUPS.sales, noah), GROUPS.product, noah))
    await this.compare()
  }

  async leaver(): Promise<void> {
    this.#title('A leaver: Tomás O’Brien is disabled, then deleted; the application keeps him')
    const id = this.#idOf('tomas.obrien')
    await this.#account('tomas.obrien', { isEnabled: false })
    await this.compare()
    await this.#run(withoutAccount(this.#directory, idOf('tomas.obrien')))
    const status = await this.#stage.application.statusOf(id)
    expectThat(status === 'removed', `who has left is ${status}, not removed`)
  }

  /** Entra sends nothing for an empty value, so that somebody has to clear what it was. */
  async removedManager(): Promise<void> {
    const { application, say } = this.#stage
    this.#title('A removed manager: Kwame Mensah gets another one, Aisha Bello has none any more')
    await this.#account('kwame.mensah', { manager: idOf('lars.holmgren') })
    const { manager: _, ...aisha } = accountOf(this.#directory, 'aisha.bello')
    const accounts = new Map(this.#directory.accounts).set(aisha.externalId, aisha)
    await this.#run({ ...this.#directory, accounts })
    const stale = (await application.people()).people.filter(
      ({ manager }) => manager?.exists === false,
    )
    expectThat(
      stale.length === 1,
      `${stale.length} people have a manager who is not there, not one`,
    )
    await application.clearManager(this.#idOf('aisha.bello'))
    say('   By hand: PATCH …/people/<Aisha Bello> {"manager":null}')
    await this.compare()
  }

  async returner(): Promise<void> {
    this.#title('A returner: Fatima El Amrani is deleted, and comes again with another position')
    const id = this.#idOf('fatima.elamrani')
    const fatima = idOf('fatima.elamrani')
    const account = accountOf(this.#directory, 'fatima.elamrani')
    await this.#run(withoutAccount(this.#directory, fatima))
    const again = { ...account, position: 'Key Account Manager' }
    const accounts = new Map(this.#directory.accounts).set(fatima, again)
    await this.#run(joined({ ...this.#directory, accounts }, GROUPS.sales, fatima))
    expectThat(this.#idOf('fatima.elamrani') === id, 'who has come again has another id')
    await this.compare()
  }

  async otherAddress(): Promise<void> {
    const { application } = this.#stage
    this.#title('A changed e-mail with the same externalId: Diego Salazar')
    const { externalId, address } = accountOf(this.#directory, 'diego.salazar')
    await this.#account('diego.salazar', { address: address.replace('salazar', 'salazar-ruiz') })
    const found = await application.lookUp('externalId', externalId)
    expectThat(found === this.#idOf('diego.salazar'), 'the externalId finds somebody else')
    const old = await application.lookUp('email', address)
    expectThat(old === undefined, 'the old e-mail finds somebody')
    await this.compare()
  }

  async adoption(): Promise<void> {
    const { application, say } = this.#stage
    this.#title(
      'A team made by hand is adopted: Mentors, with Noah Becker; then a group of that name',
    )
    const id = await application.makeTeam('Mentors', this.#idOf('noah.becker'))
    say('   By hand: POST …/teams {"name":"Mentors"}, POST …/teams/<Mentors>/members')
    this.#byHand.set(GROUPS.mentors, [idOf('noah.becker')])
    const members = new Set([idOf('priya.raman'), idOf('mei.tanaka')])
    const group = { externalId: GROUPS.mentors, displayName: 'Mentors', members }
    await this.#run(withGroup(this.#directory, group))
    const { source, externalId } = await application.team(id)
    expectThat(this.#job.ids.get(GROUPS.mentors) === id, 'the group is another team')
    expectThat(source === 'both' && externalId === GROUPS.mentors, `the team is ${source}`)
    const sources = await application.sourcesIn(id)
    const told = ['noah.becker', 'priya.raman', 'mei.tanaka'].map((account) =>
      sources.get(this.#idOf(account)),
    )
    expectThat(told.join() === 'manual,scim,scim', `the members are ${told.join()}`)
    await this.compare()
  }

  #title(text: string): void {
    this.#steps += 1
    this.#stage.say(`${this.#steps}. ${text}`)
  }

  #idOf(account: string): string {
    return this.#job.ids.get(idOf(account)) ?? ''
  }

  async #account(account: string, change: Parameters<typeof withAccount>[2]): Promise<void> {
    await this.#run(withAccount(this.#directory, idOf(account), change))
  }

  /** A run of the identity provider after the directory has changed. */
  async #run(directory: Directory): Promise<void> {
    this.#directory = directory
    const sent = await this.#job.run(directory)
    for (const line of sentLines(sent)) this.#stage.say(line)
  }
}

function accountOf({ accounts }: Directory, name: string): Account {
  const account = accounts.get(idOf(name))
  if (account === undefined) throw new TypeError(`${name} is not in the directory`)
  return account
}

function expectThat(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new StartError(otherwise)
}
