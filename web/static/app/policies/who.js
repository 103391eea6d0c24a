/**
 * Who sees what about policies. The hub decides, and refuses others; this only leads nobody there.
 */

/** @typedef {import('../session.js').Session} Session */

const READERS = ['owner', 'admin', 'auditor', 'developer']
const WRITERS = ['owner', 'admin']

/** @param {Session | null} session */
export function readsPolicies(session) {
  return session !== null && session.session.scope === 'full' && session.roles.some((role) => READERS.includes(role))
}

/** @param {Session} session */
export function writesPolicies(session) {
  return session.roles.some((role) => WRITERS.includes(role))
}
