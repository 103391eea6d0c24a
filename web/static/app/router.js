/**
 * From the address to a screen.
 */

import { Unreachable } from './api.js'
import { card, denial } from './screens/card.js'
import { inbox } from './screens/inbox.js'
import { signIn } from './screens/sign_in.js'
import { isReturn } from './signing_in/kept.js'

/** @typedef {import('./context.js').Screen} Screen */
/** @typedef {'inbox' | 'decisions' | 'devices' | 'notices' | 'policies' | 'policy' | 'card' | 'enrol' | 'recover' | 'sign-in' | 'return'} Name */

/**
 * A screen whose code is fetched when somebody goes there: most come for the inbox and its cards, and wait for no other's.
 * Whoever signs out without a network is at signing in, so that is here.
 * @param {() => Promise<Screen>} fetched
 * @returns {Screen}
 */
function later(fetched) {
  return async (context) => {
    const screen = await fetched().catch((error) => {
      throw new Unreachable(String(error))
    })
    if (!context.signal.aborted) await screen(context)
  }
}

/** @type {{name: Name, path: RegExp, screen: Screen, signedIn: boolean}[]} */
const SCREENS = [
  { name: 'inbox', path: /^\/app\/?$/, screen: inbox, signedIn: true },
  { name: 'card', path: /^\/app\/escalations\/(?<id>[\w-]+)$/, screen: card, signedIn: true },
  { name: 'card', path: /^\/app\/escalations\/(?<id>[\w-]+)\/denial$/, screen: denial, signedIn: true },
  { name: 'decisions', path: /^\/app\/decisions$/, screen: later(async () => (await import('./screens/history.js')).history), signedIn: true },
  { name: 'devices', path: /^\/app\/devices$/, screen: later(async () => (await import('./screens/devices.js')).devicesScreen), signedIn: true },
  { name: 'notices', path: /^\/app\/notices$/, screen: later(async () => (await import('./screens/notices.js')).noticesScreen), signedIn: true },
  { name: 'policies', path: /^\/app\/policies$/, screen: later(async () => (await import('./screens/policies.js')).policiesScreen), signedIn: true },
  { name: 'policy', path: /^\/app\/policies\/(?<name>[a-z0-9][a-z0-9_-]{0,62})$/, screen: later(async () => (await import('./screens/policy.js')).policyScreen), signedIn: true },
  { name: 'enrol', path: /^\/app\/enrol$/, screen: later(async () => (await import('./screens/enrol.js')).enrol), signedIn: false },
  { name: 'recover', path: /^\/app\/recover$/, screen: later(async () => (await import('./screens/recover.js')).recover), signedIn: false },
  { name: 'sign-in', path: /^\/app\/sign-in$/, screen: signIn, signedIn: false },
  { name: 'return', path: /^\/return$/, screen: later(async () => (await import('./screens/came_back.js')).cameBack), signedIn: true },
]
/** Who comes back from signing in elsewhere has no session yet. */
const SIGN_IN_RETURN = { name: /** @type {Name} */ ('sign-in'), screen: later(async () => (await import('./screens/sign_in_return.js')).signInReturn), signedIn: false }

/**
 * The screen at a path; the inbox where there is none.
 * @param {string} path
 * @param {URLSearchParams} query
 */
export function screenAt(path, query) {
  for (const entry of SCREENS) {
    const match = entry.path.exec(path)
    if (match && entry.name === 'return' && isReturn(query)) return { ...entry, ...SIGN_IN_RETURN, names: {} }
    if (match) return { ...entry, names: { ...match.groups } }
  }
  return { .../** @type {(typeof SCREENS)[number]} */ (SCREENS[0]), names: {} }
}
