// SPDX-License-Identifier: Apache-2.0
/**
 * Proof tokens of an Approvals Hub, checked without a network, from the hub's published keys alone.
 *
 * Copy this file: it needs nothing else, in Node 18 or newer and in browsers. Its twins in Python and Go answer the
 * same about every vector. A proof is evidence, never permission.
 */

/** @typedef {{keys: unknown}} Published what `GET /v1/public-keys` answered */
/** @typedef {{action?: object | undefined, issuer?: string | undefined, now?: number, leeway?: number}} Options */

// Browsers have it, and Node from 19 on.
const { subtle } = globalThis.crypto ?? (await import('node:crypto')).webcrypto
const encoder = new TextEncoder()

const MAX_LENGTH = 64 * 1024
const MAX_DEPTH = 32
const TOKEN = /^v4\.public\.([A-Za-z0-9_-]{86,})(?:\.([A-Za-z0-9_-]+))?$/
const FOOTER = /^\{"kid":"([A-Za-z0-9._-]{1,128})"\}$/
const TIME = /^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z$/

/** The token proves nothing here; `reason` is one word for programs. */
export class BadProof extends Error {
  /**
   * @param {string} reason `malformed, unknown_key, bad_signature, kid, purpose, issuer, audience, expired,
   *   not_yet_valid, decision, action`
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
export async function verifyProof(token, keys, audience, { action, issuer, now = Date.now(), leeway = 0 } = {}) {
  if (typeof audience !== 'string' || !audience) throw new TypeError('audience is the name of who verifies')
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

/** Since 1970, of a UTC time with `Z` and three decimals or none; NaN for all else. @param {unknown} given */
function milliseconds(given) {
  const moment = new Date(typeof given === 'string' && TIME.test(given) ? given : NaN)
  // Some engines take 30 February for 2 March.
  const wanted = String(given).replace(/:(..)Z$/, ':$1.000Z')
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === wanted ? moment.getTime() : NaN
}

/** @param {Uint8Array} data one character for each byte */
const binary = (data) => Array.from(data, (byte) => String.fromCharCode(byte)).join('')

/** @param {Uint8Array} data */
const b64u = (data) => btoa(binary(data)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

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

const P = 2n ** 255n - 19n
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** @param {bigint} value */
const mod = (value) => ((value % P) + P) % P

/**
 * Whether 32 bytes are the canonical form of a point in Ed25519's group of prime order, as libsodium asks of keys.
 *
 * Under a key of small order one constant signature verifies for every message; OpenSSL accepts such keys. Here the
 * ladder of RFC 7748 takes the point times the order: only points of that order end at infinity, none of the twist.
 * @param {Uint8Array} encoding
 */
function isOfPrimeOrder(encoding) {
  const y = encoding.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) & (2n ** 255n - 1n)
  if (y >= P || y === 1n || y === P - 1n) return false
  let inverse = 1n
  for (let bit = 254n; bit >= 0n; bit--) inverse = mod(inverse * inverse * (((P - 2n) >> bit) & 1n ? 1n - y : 1n))
  const u = mod((1n + y) * inverse)
  let [near, far] = [{ x: 1n, z: 0n }, { x: u, z: 1n }]
  for (let bit = 252n; bit >= 0n; bit--) {
    const isSet = (ORDER >> bit) & 1n
    if (isSet) [near, far] = [far, near]
    const [sum, gap] = [near.x + near.z, near.x - near.z]
    const [aa, bb] = [mod(sum * sum), mod(gap * gap)]
    const [da, cb] = [mod((far.x - far.z) * sum), mod((far.x + far.z) * gap)]
    far = { x: mod((da + cb) ** 2n), z: mod(u * mod((da - cb) ** 2n)) }
    near = { x: mod(aa * bb), z: mod((aa - bb) * (aa + 121665n * (aa - bb))) }
    if (isSet) [near, far] = [far, near]
  }
  return near.z === 0n
}

const WORD = 2n ** 64n - 1n
const IV = `6a09e667f3bcc908 bb67ae8584caa73b 3c6ef372fe94f82b a54ff53a5f1d36f1 510e527fade682d1 9b05688c2b3e6c1f
  1f83d9abfb41bd6b 5be0cd19137e2179`.split(/\s+/).map((word) => BigInt(`0x${word}`))
const SIGMA = `0123456789abcdef ea489fd61c02b753 b8c052fdae367194 7931dcbe265a40f8 905724afe1bc683d 2c6a0b834d75fe19
  c51fed4a0763928b db7ec13950f4862a 6fe9b308c2d714a5 a2847615fb9e3cd0`.split(/\s+/)

/** The PASERK id of a public key: 33 bytes of BLAKE2b (RFC 7693), of one block. @param {Uint8Array} key */
function keyId(key) {
  const data = encoder.encode(`k4.pid.k4.public.${b64u(key)}`)
  const block = new DataView(new ArrayBuffer(128))
  data.forEach((byte, at) => block.setUint8(at, byte))
  const m = Array.from({ length: 16 }, (_, at) => block.getBigUint64(at * 8, true))
  const h = IV.map((word, at) => (at ? word : word ^ 0x01010000n ^ 33n))
  const v = [...h, ...IV]
  const at = (/** @type {number} */ index) => v[index] ?? 0n
  v[12] = at(12) ^ BigInt(data.length)
  v[14] = at(14) ^ WORD
  /** @param {number} i @param {number} j @param {bigint} by */
  const turn = (i, j, by) => {
    const word = at(i) ^ at(j)
    v[i] = ((word >> by) | (word << (64n - by))) & WORD
  }
  for (let round = 0; round < 12; round++) {
    const order = Array.from(SIGMA[round % 10] ?? '', (digit) => m[Number.parseInt(digit, 16)] ?? 0n)
    for (let step = 0; step < 8; step++) {
      const [a, skew] = [step % 4, step >> 2]
      const [b, c, d] = [4 + ((a + skew) % 4), 8 + ((a + 2 * skew) % 4), 12 + ((a + 3 * skew) % 4)]
      for (const [half, first, second] of /** @type {const} */ ([[0, 32n, 24n], [1, 16n, 63n]])) {
        v[a] = (at(a) + at(b) + (order[2 * step + half] ?? 0n)) & WORD
        turn(d, a, first)
        v[c] = (at(c) + at(d)) & WORD
        turn(b, c, second)
      }
    }
  }
  const out = new DataView(new ArrayBuffer(64))
  h.forEach((word, index) => out.setBigUint64(index * 8, word ^ at(index) ^ at(index + 8), true))
  return `k4.pid.${b64u(new Uint8Array(out.buffer, 0, 33))}`
}
