/** A person of the demo data; nobody's name, address, number or picture is real. */
export interface Person {
  readonly employeeNumber: string
  readonly givenName: string
  readonly familyName: string
  /** The part of the userName, which is the e-mail address too, before the `@`. */
  readonly account: string
  readonly title: string
  readonly department: string
  /** The manager's account. */
  readonly manager?: string
  readonly phone?: string
  readonly mobile?: string
  readonly language: string
  readonly active: boolean
}

/** A group of the demo data. */
export interface Team {
  readonly externalId: string
  readonly displayName: string
  /** Accounts. */
  readonly members: readonly string[]
}

/**
 * Some come before their manager, as they do from Entra: those are created without, and get the manager by a PATCH. The
 * numbers are those that each country keeps free for fiction.
 */
// prettier-ignore
export const PEOPLE: readonly Person[] = [
  { employeeNumber: '1004', givenName: 'Diego', familyName: 'Salazar', account: 'diego.salazar', title: 'Account Manager', department: 'Sales', manager: 'mei.tanaka', phone: '+1 202 555 0104', mobile: '+1 202 555 0154', language: 'es', active: true },
  { employeeNumber: '1001', givenName: 'Amara', familyName: 'Okoye', account: 'amara.okoye', title: 'Managing Director', department: 'Management', phone: '+44 20 7946 0101', mobile: '+44 7700 900101', language: 'en-GB', active: true },
  { employeeNumber: '1002', givenName: 'Lars', familyName: 'Holmgren', account: 'lars.holmgren', title: 'Head of Operations', department: 'Operations', manager: 'amara.okoye', phone: '+44 20 7946 0102', language: 'sv', active: true },
  { employeeNumber: '1003', givenName: 'Mei', familyName: 'Tanaka', account: 'mei.tanaka', title: 'Head of Sales', department: 'Sales', manager: 'amara.okoye', phone: '+1 202 555 0103', mobile: '+1 202 555 0153', language: 'ja', active: true },
  { employeeNumber: '1005', givenName: 'Fatima', familyName: 'El Amrani', account: 'fatima.elamrani', title: 'Account Manager', department: 'Sales', manager: 'mei.tanaka', phone: '+33 1 99 00 01 05', language: 'fr', active: true },
  { employeeNumber: '1007', givenName: 'Zofia', familyName: 'Wójcik', account: 'zofia.wojcik', title: 'Designer', department: 'Product', manager: 'priya.raman', mobile: '+44 7700 900107', language: 'pl', active: true },
  { employeeNumber: '1006', givenName: 'Priya', familyName: 'Raman', account: 'priya.raman', title: 'Head of Product', department: 'Product', manager: 'amara.okoye', phone: '+44 20 7946 0106', mobile: '+44 7700 900106', language: 'en-GB', active: true },
  { employeeNumber: '1008', givenName: 'Noah', familyName: 'Becker', account: 'noah.becker', title: 'Product Analyst', department: 'Product', manager: 'priya.raman', phone: '+49 30 23125 108', language: 'de', active: true },
  { employeeNumber: '1009', givenName: 'Tomás', familyName: 'O’Brien', account: 'tomas.obrien', title: 'Office Manager', department: 'Operations', manager: 'lars.holmgren', phone: '+44 20 7946 0109', language: 'en-IE', active: true },
  { employeeNumber: '1010', givenName: 'Aisha', familyName: 'Bello', account: 'aisha.bello', title: 'Planner', department: 'Operations', manager: 'tomas.obrien', language: 'en-GB', active: true },
  { employeeNumber: '1011', givenName: 'Kwame', familyName: 'Mensah', account: 'kwame.mensah', title: 'Planner', department: 'Operations', manager: 'tomas.obrien', mobile: '+44 7700 900111', language: 'en-GB', active: true },
  { employeeNumber: '1012', givenName: 'Ines', familyName: 'Duarte', account: 'ines.duarte', title: 'Account Manager', department: 'Sales', manager: 'mei.tanaka', language: 'pt-PT', active: false },
]

// prettier-ignore
export const TEAMS: readonly Team[] = [
  { externalId: '6f2d8c1e-94b7-4a05-8d3c-000000002001', displayName: 'Leadership team', members: ['amara.okoye', 'lars.holmgren', 'mei.tanaka', 'priya.raman'] },
  { externalId: '6f2d8c1e-94b7-4a05-8d3c-000000002002', displayName: 'Sales team', members: ['mei.tanaka', 'diego.salazar', 'fatima.elamrani', 'ines.duarte'] },
  { externalId: '6f2d8c1e-94b7-4a05-8d3c-000000002003', displayName: 'Product team', members: ['priya.raman', 'zofia.wojcik', 'noah.becker', 'fatima.elamrani'] },
  { externalId: '6f2d8c1e-94b7-4a05-8d3c-000000002004', displayName: 'Operations team', members: ['lars.holmgren', 'tomas.obrien', 'aisha.bello', 'kwame.mensah'] },
]
