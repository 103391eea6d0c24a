/**
 * Who sees what about policies. The hub decides, and refuses others; this only leads nobody there.
 */

/** @typedef {import('../session.js').Session} Session */

const READERS = ['owner', 'admin', 'auditor', 'developer']
const WRITERS = ['owner', 'admin']
const HISTORIANS = ['owner', 'admin', 'auditor']

/** @param {Session | null} session */
export function readsPolicies(session) {
  return session !== null && session.session.scope === 'full' && session.roles.some((role) => READERS.includes(role))
}

/** @param {Session} session */
export function writesPolicies(session) {
  return session.roles.some((role) => WRITERS.includes(role))
}

/** Whether a text may be compared with what was really decided. @param {Session} session */
export function readsDecisions(session) {
  return session.roles.some((role) => HISTORIANS.includes(role))
}
