/**
 * JSON with one text per value (RFC 8785), SHA-256 texts and canonical base64url.
 *
 * The twin of `approvals_hub_client/canonical.py`: what is hashed and signed in the page goes through this file.
 */

/** @typedef {null | boolean | number | string | Json[] | {[name: string]: Json}} Json */

const encoder = new TextEncoder()

/** The value has no single canonical form. */
export class CanonicalError extends Error {}

/**
 * The canonical text of a value.
 * @param {unknown} value made of plain objects, arrays, strings, numbers, booleans and null
 * @returns {string}
 * @throws {CanonicalError} for anything else, lone surrogates, and numbers that not every reader holds
 */
export function dumps(value) {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return numeral(value)
  if (Array.isArray(value)) return '[' + value.map(dumps).join(',') + ']'
  if (typeof value === 'object') {
    const members = /** @type {Record<string, unknown>} */ (value)
    // The default order of sort() is that of UTF-16 units, which RFC 8785 §3.2.3 asks for.
    return '{' + Object.keys(members).sort().map((name) => quoted(name) + ':' + dumps(members[name])).join(',') + '}'
  }
  throw new CanonicalError(`no canonical form for ${typeof value}`)
}

/**
 * The canonical bytes of a value, which are what is hashed and signed.
 * @param {unknown} value
 */
export function canonicalBytes(value) {
  return encoder.encode(dumps(value))
}

/**
 * `sha256:` and 64 lower-case hex digits.
 * @param {Uint8Array<ArrayBuffer>} data
 */
export async function sha256Text(data) {
  return 'sha256:' + hex(await sha256(data))
}

/**
 * @param {Uint8Array<ArrayBuffer>} data
 * @returns {Promise<Uint8Array<ArrayBuffer>>} 32 bytes
 */
export async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

/**
 * base64url without padding.
 * @param {Uint8Array} data
 */
export function b64u(data) {
  let text = ''
  for (const byte of data) text += String.fromCharCode(byte)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/**
 * Reads the one canonical base64url text of some bytes.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {CanonicalError}
 */
export function unb64u(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new CanonicalError('not base64url')
  const data = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (unit) => unit.charCodeAt(0))
  if (b64u(data) !== text) throw new CanonicalError('not the canonical base64url text')
  return data
}

/**
 * UTF-8 bytes of text parts joined by one zero byte: the form of everything that is signed or hashed with a purpose.
 * @param {string} purpose
 * @param {...Uint8Array} parts appended as they are
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function withPurpose(purpose, ...parts) {
  const all = [encoder.encode(purpose), new Uint8Array(1), ...parts]
  const joined = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of all) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** @param {string} text */
function quoted(text) {
  if (/\p{Surrogate}/u.test(text)) throw new CanonicalError('a lone surrogate')
  return JSON.stringify(text)
}

/** @param {number} value */
function numeral(value) {
  const size = Math.abs(value)
  if (!Number.isFinite(value) || (size > Number.MAX_SAFE_INTEGER && size < 1e21)) {
    throw new CanonicalError('a number that not every reader holds')
  }
  return Object.is(value, -0) ? '0' : String(value)
}

/** @param {Uint8Array} data */
function hex(data) {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
