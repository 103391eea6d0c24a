/**
 * The running step-up of a question, as this browser remembers it: what was to be signed, and the id of its proof. A page
 * that is loaded again, or opened anew on the way back from another app, goes on where the last one stood.
 *
 * Nothing here is a secret: with ids and the statement alone nobody signs or proves anything.
 */

/** @typedef {import('../../shared/statement.js').Statement} Statement */
/** @typedef {import('../decision.js').View} View */
/**
 * @typedef {object} Kept
 * @property {string} personId
 * @property {string} stepUpId
 * @property {string} method
 * @property {boolean} sameDevice
 * @property {string} expiresAt
 * @property {View | null} view what is to be signed; null for a way that is being linked
 * @property {number} leftAt when the person went to another app or page, milliseconds since 1970; 0: never
 * @property {string | null} state what an OpenID provider will bring back with the person
 */

const PREFIX = 'approvals-hub.step-up.'
/** Milliseconds. The device's clock may be off; the hub knows whether it has ended. */
const GRACE = 24 * 3600_000
/** The place of a way that is being linked: it belongs to no question. */
export const LINKING = 'link'

/** Where the browser keeps nothing, a reload begins anew. @type {Map<string, string>} */
const memory = new Map()

/**
 * @param {string} place a question's id, or LINKING
 * @param {string} personId whose it must be
 * @returns {Kept | null}
 */
export function recall(place, personId) {
  const found = read(place)
  if (!found) return null
  if (found.personId === personId && Date.parse(found.expiresAt) > Date.now() - GRACE) return found
  forget(place)
  return null
}

/** @param {string} place @param {Kept} kept */
export function keep(place, kept) {
  const text = JSON.stringify(kept)
  // The first is shared by all tabs: some systems open the way back in a new one.
  for (const store of stores()) {
    try {
      store.setItem(PREFIX + place, text)
      return
    } catch {
      continue
    }
  }
  memory.set(place, text)
}

/** @param {string} place */
export function forget(place) {
  memory.delete(place)
  for (const store of stores()) store.removeItem(PREFIX + place)
}

/** Forgets all of them, as signing out does. */
export function forgetAll() {
  for (const [place] of all()) forget(place)
}

/**
 * The person goes to another app or page, and may come back by another tab.
 * @param {string} place
 * @param {string | null} [state]
 */
export function leave(place, state = null) {
  const found = read(place)
  if (found) keep(place, { ...found, leftAt: Date.now(), state })
}

/**
 * Where somebody comes back to: the step-up with this state, else the one that was left last.
 * @param {string} personId
 * @param {string | null} state
 * @returns {{place: string, kept: Kept} | null}
 */
export function cameBackTo(personId, state) {
  const left = all().map(([place, kept]) => ({ place, kept })).filter(({ kept }) => kept.personId === personId && kept.leftAt > 0)
  if (state !== null) return left.find(({ kept }) => kept.state === state) ?? null
  return left.filter(({ kept }) => kept.state === null).sort((one, other) => other.kept.leftAt - one.kept.leftAt)[0] ?? null
}

/** @returns {[string, Kept][]} */
function all() {
  const places = new Set(memory.keys())
  for (const store of stores()) {
    for (const name of Object.keys(store)) if (name.startsWith(PREFIX)) places.add(name.slice(PREFIX.length))
  }
  return [...places].flatMap((place) => {
    const kept = read(place)
    return kept ? [/** @type {[string, Kept]} */ ([place, kept])] : []
  })
}

/** @param {string} place @returns {Kept | null} */
function read(place) {
  const text = stores().map((store) => store.getItem(PREFIX + place)).find((found) => found !== null) ?? memory.get(place)
  if (!text) return null
  try {
    return JSON.parse(text)
  } catch {
    forget(place)
    return null
  }
}

/** @returns {Storage[]} those that this browser lets the page use */
function stores() {
  /** @type {Storage[]} */
  const found = []
  for (const open of [() => localStorage, () => sessionStorage]) {
    try {
      found.push(open())
    } catch {
      // Storage is off for this page.
    }
  }
  return found
}
