/**
 * A text that nobody published yet, kept for this tab alone: loading the page again, or a card in between, loses nothing.
 * Signing out forgets it.
 */

/** @typedef {{text: string, version: number}} Unsaved */

const PREFIX = 'approvals-hub.policy.'

/** @param {import('../session.js').Session} session @param {string} name */
const key = (session, name) => `${PREFIX}${session.org.org_id}.${session.person.person_id}.${name}`

/**
 * @param {import('../session.js').Session} session
 * @param {string} name
 * @returns {Unsaved | null}
 */
export function unsaved(session, name) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key(session, name)) ?? 'null')
    return typeof kept?.text === 'string' && Number.isInteger(kept.version) ? kept : null
  } catch {
    return null
  }
}

/**
 * @param {import('../session.js').Session} session
 * @param {string} name
 * @param {Unsaved | null} text null where it is what stands
 */
export function keepUnsaved(session, name, text) {
  try {
    if (text) sessionStorage.setItem(key(session, name), JSON.stringify(text))
    else sessionStorage.removeItem(key(session, name))
  } catch {
    // Storage is off, or full: the text is in the editor.
  }
}

/** Nothing of it is left for whoever signs in next. */
export function forgetUnsaved() {
  try {
    for (const each of Object.keys(sessionStorage)) if (each.startsWith(PREFIX)) sessionStorage.removeItem(each)
  } catch {
    // Storage is off: nothing was kept.
  }
}
