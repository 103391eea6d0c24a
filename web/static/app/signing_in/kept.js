/**
 * The running attempt to sign in, and the link that was asked for, as this browser remembers them: the secrets bind both
 * to it. All its tabs share them, as apps and mails open new ones; nobody else sees them, and they are of no use when
 * their time is over.
 */

/**
 * @typedef {object} Kept
 * @property {string} signInId
 * @property {string} secret
 * @property {string} method
 * @property {boolean} sameDevice
 * @property {string} expiresAt
 * @property {string | null} state what an OpenID provider will bring back with the person
 */
/** @typedef {{secret: string, expiresAt: string}} KeptLink */

const ATTEMPT = 'approvals-hub.sign-in'
const LINK = 'approvals-hub.sign-in-link'
/** Milliseconds. The device's clock may be off; the hub knows whether it has ended. */
const GRACE = 3600_000

/** Where the browser keeps nothing, a reload begins anew. @type {Map<string, string>} */
const memory = new Map()

/** @param {Kept} kept */
export function keepAttempt(kept) {
  write(ATTEMPT, kept)
}

/** @returns {Kept | null} */
export function attempt() {
  return read(ATTEMPT)
}

/** Forgets the attempt and the link: somebody has signed in, or it was ended. */
export function forgetSigningIn() {
  for (const name of [ATTEMPT, LINK]) {
    memory.delete(name)
    for (const store of stores()) store.removeItem(name)
  }
}

/** @param {KeptLink} link */
export function keepLink(link) {
  write(LINK, link)
}

/** @returns {KeptLink | null} */
export function link() {
  return read(LINK)
}

/**
 * Whether an address that somebody came back to belongs to a running attempt to sign in.
 * @param {URLSearchParams} query
 */
export function isReturn(query) {
  const kept = attempt()
  return kept !== null && kept.state === query.get('state')
}

/** @param {string} name @param {Kept | KeptLink} value */
function write(name, value) {
  const text = JSON.stringify(value)
  for (const store of stores()) {
    try {
      store.setItem(name, text)
      return
    } catch {
      continue
    }
  }
  memory.set(name, text)
}

/** @param {string} name */
function read(name) {
  const text = stores().map((store) => store.getItem(name)).find((found) => found !== null) ?? memory.get(name)
  if (!text) return null
  try {
    const found = JSON.parse(text)
    return Date.parse(found.expiresAt) > Date.now() - GRACE ? found : null
  } catch {
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
