/**
 * From the address to a screen.
 */

import { cameBack } from './screens/came_back.js'
import { card, denial } from './screens/card.js'
import { devicesScreen } from './screens/devices.js'
import { enrol } from './screens/enrol.js'
import { history } from './screens/history.js'
import { inbox } from './screens/inbox.js'
import { noticesScreen } from './screens/notices.js'
import { policiesScreen } from './screens/policies.js'
import { policyScreen } from './screens/policy.js'
import { recover } from './screens/recover.js'
import { signIn } from './screens/sign_in.js'
import { signInReturn } from './screens/sign_in_return.js'
import { isReturn } from './signing_in/kept.js'

/** @typedef {import('./context.js').Screen} Screen */
/** @typedef {'inbox' | 'decisions' | 'devices' | 'notices' | 'policies' | 'policy' | 'card' | 'enrol' | 'recover' | 'sign-in' | 'return'} Name */

/** @type {{name: Name, path: RegExp, screen: Screen, signedIn: boolean}[]} */
const SCREENS = [
  { name: 'inbox', path: /^\/app\/?$/, screen: inbox, signedIn: true },
  { name: 'card', path: /^\/app\/escalations\/(?<id>[\w-]+)$/, screen: card, signedIn: true },
  { name: 'card', path: /^\/app\/escalations\/(?<id>[\w-]+)\/denial$/, screen: denial, signedIn: true },
  { name: 'decisions', path: /^\/app\/decisions$/, screen: history, signedIn: true },
  { name: 'devices', path: /^\/app\/devices$/, screen: devicesScreen, signedIn: true },
  { name: 'notices', path: /^\/app\/notices$/, screen: noticesScreen, signedIn: true },
  { name: 'policies', path: /^\/app\/policies$/, screen: policiesScreen, signedIn: true },
  { name: 'policy', path: /^\/app\/policies\/(?<name>[a-z0-9][a-z0-9_-]{0,62})$/, screen: policyScreen, signedIn: true },
  { name: 'enrol', path: /^\/app\/enrol$/, screen: enrol, signedIn: false },
  { name: 'recover', path: /^\/app\/recover$/, screen: recover, signedIn: false },
  { name: 'sign-in', path: /^\/app\/sign-in$/, screen: signIn, signedIn: false },
  { name: 'return', path: /^\/return$/, screen: cameBack, signedIn: true },
]
/** Who comes back from signing in elsewhere has no session yet. */
const SIGN_IN_RETURN = { name: /** @type {Name} */ ('sign-in'), screen: signInReturn, signedIn: false }

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
