// SPDX-License-Identifier: Apache-2.0
/** What JavaScript's libraries do not have and a verifier of proofs needs: a key's id, and a strict look at its point. */

/** @param {Uint8Array} data one character for each byte */
export const binary = (data) => Array.from(data, (byte) => String.fromCharCode(byte)).join('')

/** @param {Uint8Array} data */
export const b64u = (data) => btoa(binary(data)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

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
export function isOfPrimeOrder(encoding) {
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
export function keyId(key) {
  const data = new TextEncoder().encode(`k4.pid.k4.public.${b64u(key)}`)
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
