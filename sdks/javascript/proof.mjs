// SPDX-License-Identifier: Apache-2.0
/**
 * Proof tokens of an Approvals Hub, checked without a network, from the hub's published keys alone.
 *
 * Copy this file and `keys.mjs`: they need nothing else, in Node 18 or newer and in browsers. Their twins in Python and
 * Go answer the same about every vector. A proof is evidence, never permission.
 */

import { b64u, binary, isOfPrimeOrder, keyId } from './keys.mjs'

/** @typedef {{keys: unknown}} Published what `GET /v1/public-keys` answered */
/**
 * What else is asked of a proof. Without a member of `Proven` a proof of an action that no person saw is good too.
 * @typedef {{action?: object | undefined, issuer?: string | undefined, now?: number, leeway?: number} & Proven} Options
 */
/**
 * What everybody who approved must have proven: a level, one of these methods, all of these words (RFC 8176); and the
 * provider's reference that the proof must name.
 * @typedef {{minAcr?: string | undefined, methods?: string[] | undefined, amr?: string[] | undefined,
 *   authRef?: string | undefined}} Proven
 */

// Browsers have it, and Node from 19 on.
const { subtle } = globalThis.crypto ?? (await import('node:crypto')).webcrypto
const encoder = new TextEncoder()

const LEVELS = ['LOW', 'SUBSTANTIAL', 'HIGH']
const MAX_LENGTH = 64 * 1024
const MAX_DEPTH = 32
const TOKEN = /^v4\.public\.([A-Za-z0-9_-]{86,})(?:\.([A-Za-z0-9_-]+))?$/
const FOOTER = /^\{"kid":"([A-Za-z0-9._-]{1,128})"\}$/
const TIME = /^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z$/

/** The token proves nothing here; `reason` is one word for programs. */
export class BadProof extends Error {
  /**
   * @param {string} reason `malformed, unknown_key, bad_signature, kid, purpose, issuer, audience, expired,
   *   not_yet_valid, decision, action, acr, methods, amr, auth_ref`
   * @param {string} message for people
   */
  constructor(reason, message) {
    super(message)
    this.name = 'BadProof'
    this.reason = reason
  }
}

/**
 * The claims of a proof token that is good at `now`. Opens no socket.
 * @param {string} token
 * @param {Published} keys
 * @param {string} audience the verifier's own name
 * @param {Options} [options] `action`: what the proof must be for, salt included; `issuer`: the hub it must be from;
 *   `now` (the present unless given) and `leeway` in milliseconds
 * @returns {Promise<{[claim: string]: any}>}
 * @throws {BadProof}
 * @throws {TypeError} for arguments of other kinds
 */
export async function verifyProof(token, keys, audience, options = {}) {
  const { action, issuer, now = Date.now(), leeway = 0 } = options
  if (typeof audience !== 'string' || !audience) throw new TypeError('audience is the name of who verifies')
  checkAsked(options)
  // Compared with anything else a token would never expire.
  if (![now, leeway].every(Number.isFinite)) throw new TypeError('now and leeway are milliseconds')
  const [body, footer] = split(token)
  const kid = FOOTER.exec(binary(footer))?.[1]
  if (kid === undefined) throw new BadProof('malformed', 'the footer is not exactly {"kid":…}')
  const key = trustedKey(keys, kid, now)
  if (!key) throw new BadProof('unknown_key', 'the token names a key that is not trusted here')
  const payload = body.subarray(0, -64)
  if (!(await isSigned(key, body.subarray(-64), encoded(payload, footer)))) {
    throw new BadProof('bad_signature', 'the signature does not verify')
  }
  const claims = claimsOf(payload)
  if (claims.kid !== kid) throw new BadProof('kid', 'claim and footer name different keys')
  if ('purpose' in claims) throw new BadProof('purpose', 'the token is for another purpose')
  if (issuer !== undefined && claims.iss !== issuer) throw new BadProof('issuer', 'the token is from another issuer')
  if (claims.aud !== audience) throw new BadProof('audience', 'the token is for another audience')
  checkTimes(claims, now, leeway)
  if (claims.decision !== 'ALLOW') throw new BadProof('decision', 'the token proves no permission')
  if (action !== undefined && claims.action_hash !== (await actionHash(action).catch(() => NaN))) {
    throw new BadProof('action', 'the proof is for another action, or the action has no canonical form')
  }
  checkPeople(claims, options)
  return claims
}

/**
 * Reads one JSON text strictly, so that no two readers read it differently: what an action's file is read with.
 * @param {string | Uint8Array} data
 * @returns {any}
 * @throws {Error} for a member twice, integers beyond ±(2^53−1) in any form, lone surrogates, more than 32 levels,
 *   invalid UTF-8, a byte order mark, and everything else that is not JSON
 */
export function loads(data) {
  // Without `ignoreBOM` a byte order mark would vanish, and two texts would say the same.
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const source = typeof data === 'string' ? data : utf8.decode(data)
  const value = JSON.parse(source)
  const bare = source.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '""')
  // Members that a duplicate has swallowed are missing from the value.
  if (countMembers(value, MAX_DEPTH) !== bare.split(':').length - 1) throw new SyntaxError('a member twice')
  for (const numeral of bare.match(/-?[0-9][0-9.eE+-]*/g) ?? []) {
    if (/^-?[0-9]+$/.test(numeral) && !Number.isSafeInteger(Number(numeral))) {
      throw new SyntaxError('an integer beyond 2^53-1')
    }
  }
  canonical(value)
  return value
}

/**
 * The RFC 8785 (JCS) text of a value made of plain objects, arrays, strings, numbers, booleans and null.
 * @param {unknown} value
 * @returns {string}
 * @throws {SyntaxError} for anything else, lone surrogates, and numbers that not every reader holds
 */
export function canonical(value) {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new SyntaxError('a lone surrogate')
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    const size = Math.abs(value)
    if (!Number.isFinite(value) || (size > Number.MAX_SAFE_INTEGER && size < 1e21)) {
      throw new SyntaxError('a number that not every reader holds')
    }
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${Array.from(value, canonical).join(',')}]`
  if (!isObject(value)) throw new SyntaxError('not JSON')
  const members = /** @type {{[name: string]: unknown}} */ (value)
  // Without a function JavaScript sorts by UTF-16 units, as RFC 8785 does.
  const names = Object.keys(members).sort()
  return `{${names.map((name) => `${canonical(name)}:${canonical(members[name])}`).join(',')}}`
}

/** @param {unknown} value */
const isObject = (value) => Object.prototype.toString.call(value) === '[object Object]'

/** @param {object} action */
async function actionHash(action) {
  if (!isObject(action)) throw new SyntaxError('not an object')
  const digest = await subtle.digest('SHA-256', encoder.encode(canonical(action)))
  return `sha256:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/**
 * The key that may be relied on at `now`: neither past its end nor compromised, under its own id, of prime order.
 * @param {Published} published @param {string} kid @param {number} now
 */
function trustedKey(published, kid, now) {
  if (!Array.isArray(published?.keys)) throw new TypeError('keys is not what /v1/public-keys answers')
  for (const entry of published.keys) {
    if (entry?.kid !== kid || (entry.compromised_at ?? null) !== null) continue
    const until = entry.valid_until === null ? Infinity : milliseconds(entry.valid_until)
    const key = unb64u(entry.public_key)
    if (now < until && key?.length === 32 && keyId(key) === kid && isOfPrimeOrder(key)) return key
  }
  return undefined
}

/** Payload with signature, and footer, of a text that alone has these bytes. @param {string} token */
function split(token) {
  const parts = typeof token === 'string' && token.length <= MAX_LENGTH ? TOKEN.exec(token) : null
  const body = unb64u(parts?.[1])
  const footer = unb64u(parts?.[2] ?? '')
  if (!body || !footer) throw new BadProof('malformed', 'not the canonical text of a v4.public token')
  return /** @type {const} */ ([body, footer])
}

/** @param {Uint8Array} payload */
function claimsOf(payload) {
  try {
    const claims = loads(payload)
    if (isObject(claims)) return claims
  } catch {}
  throw new BadProof('malformed', 'the payload is not an object in strict JSON')
}

/** @param {{[claim: string]: unknown}} claims @param {number} now @param {number} leeway */
function checkTimes(claims, now, leeway) {
  const names = ['exp', 'iat', 'nbf'].filter((name) => name === 'exp' || name in claims)
  const [end = NaN, ...starts] = names.map((name) => milliseconds(claims[name]))
  if ([end, ...starts].some(Number.isNaN)) throw new BadProof('malformed', 'a time is not an RFC 3339 time in UTC')
  if (now >= end + leeway) throw new BadProof('expired', 'the token has expired')
  if (starts.some((start) => now < start - leeway)) throw new BadProof('not_yet_valid', 'the token is not valid yet')
}

/** What seems to ask and asks for nothing is refused. @param {Proven} proven */
function checkAsked({ minAcr, methods, amr, authRef }) {
  /** @param {unknown} given */
  const isName = (given) => typeof given === 'string' && given !== ''
  if (minAcr !== undefined && !LEVELS.includes(minAcr)) throw new TypeError(`minAcr is one of ${LEVELS.join(', ')}`)
  for (const words of [methods, amr]) {
    if (words !== undefined && !(Array.isArray(words) && words.length && words.every(isName))) {
      throw new TypeError('methods and amr are lists of names, and at least one')
    }
  }
  if (authRef !== undefined && !isName(authRef)) throw new TypeError('authRef is a reference')
}

/** A claim that is missing or unknown shows nothing. @param {{[claim: string]: any}} claims @param {Proven} proven */
function checkPeople(claims, { minAcr, methods, amr, authRef }) {
  const named = Array.isArray(claims.approvers) && claims.approvers.every(isObject) ? claims.approvers : []
  /** @param {(person: {[claim: string]: any}) => boolean} holds */
  const everybody = (holds) => named.length > 0 && named.every(holds)
  /** @param {unknown} words @param {string} word */
  const has = (words, word) => Array.isArray(words) && words.includes(word)
  if (minAcr !== undefined) {
    const least = LEVELS.slice(LEVELS.indexOf(minAcr))
    /** @param {{[claim: string]: any}} each */
    const reaches = (each) => least.includes(each.acr)
    if (!reaches(claims) || !everybody(reaches)) throw lacking('acr', `is known at the level ${minAcr}`)
  }
  if (methods && !everybody((each) => methods.some((name) => has(each.methods, name)))) {
    throw lacking('methods', `used one of ${methods.join(', ')}`)
  }
  if (amr && !everybody((each) => amr.every((word) => has(each.amr, word)))) {
    throw lacking('amr', `showed ${amr.join(', ')}`)
  }
  if (authRef !== undefined && !has(claims.auth_ref, authRef)) {
    throw new BadProof('auth_ref', 'the proof names another reference, or none')
  }
}

/** @param {string} reason @param {string} what */
const lacking = (reason, what) => new BadProof(reason, `not everybody who approved ${what}`)

/** Since 1970, of a UTC time with `Z` and three decimals or none; NaN for all else. @param {unknown} given */
function milliseconds(given) {
  const moment = new Date(typeof given === 'string' && TIME.test(given) ? given : NaN)
  // Some engines take 30 February for 2 March.
  const wanted = String(given).replace(/:(..)Z$/, ':$1.000Z')
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === wanted ? moment.getTime() : NaN
}

/** The bytes of a base64url text if it is their only one: no padding, no spare bits. @param {unknown} given */
function unb64u(given) {
  if (typeof given !== 'string' || !/^[A-Za-z0-9_-]*$/.test(given) || given.length % 4 === 1) return undefined
  const data = Uint8Array.from(atob(given.replaceAll('-', '+').replaceAll('_', '/')), (unit) => unit.charCodeAt(0))
  return b64u(data) === given ? data : undefined
}

/** @param {unknown} value @param {number} left levels @returns {number} */
function countMembers(value, left) {
  if (value === null || typeof value !== 'object') return 0
  if (!left) throw new SyntaxError('nested too deep')
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce((sum, member) => sum + countMembers(member, left - 1), own)
}

/** What is signed: PASETO's pre-authentication encoding, the implicit assertion empty. @param {Uint8Array[]} parts */
function encoded(...parts) {
  const pieces = [encoder.encode('v4.public.'), ...parts, new Uint8Array()]
  /** @param {number} count */
  const size = (count) => Array.from({ length: 8 }, (_, at) => Math.floor(count / 256 ** at) % 256)
  return Uint8Array.from([...size(pieces.length), ...pieces.flatMap((piece) => [...size(piece.length), ...piece])])
}

/** @param {Uint8Array<ArrayBuffer>} key @param {Uint8Array} signature @param {Uint8Array<ArrayBuffer>} message */
async function isSigned(key, signature, message) {
  // OpenSSL takes an R of small order, libsodium does not.
  if (!isOfPrimeOrder(signature.subarray(0, 32))) return false
  const imported = await subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify'])
  return subtle.verify({ name: 'Ed25519' }, imported, new Uint8Array(signature), message)
}
