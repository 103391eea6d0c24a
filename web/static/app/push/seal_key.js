/**
 * The key to which the hub seals words for this browser: made here, never exportable. The service worker opens them.
 */

import { b64u } from '../../shared/canonical.js'
import { sealKeyBytes } from '../../shared/statement.js'
import { signWith } from '../device_key.js'
import { ownKey } from '../session.js'

/** @typedef {{privateKey: CryptoKey, publicKey: Uint8Array<ArrayBuffer>}} SealKey X25519 */

/** A new one, or null where the browser is too old for it: then it is told the least. @returns {Promise<SealKey | null>} */
export async function makeSealKey() {
  try {
    const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']))
    return { privateKey: pair.privateKey, publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)) }
  } catch {
    return null
  }
}

/**
 * What the hub is told: the key, and the signature of this browser's device key that it is its.
 * @param {SealKey} seal
 * @param {string} deviceId
 * @returns {Promise<{key: string, signature: string} | null>} null where this browser has no such device
 */
export async function sealForm(seal, deviceId) {
  const own = await ownKey()
  if (own?.deviceId !== deviceId) return null
  const key = b64u(seal.publicKey)
  const signed = sealKeyBytes({ seal_key: key, device_id: deviceId, audience: location.origin })
  return { key, signature: await signWith(own, signed) }
}
