/**
 * The key of this browser: made here, never exportable, kept in IndexedDB. The page can use it and nobody can copy it.
 * It can be lost (a browser may clear its storage); then the passkey links the device anew.
 */

import { b64u } from '../shared/canonical.js'
import { thumbprint } from '../shared/statement.js'

/** @typedef {'Ed25519' | 'ES256'} Alg */
/**
 * @typedef {object} DeviceKey
 * @property {string} deviceId empty until the hub has given one
 * @property {string} personId
 * @property {Alg} alg
 * @property {CryptoKey} privateKey
 * @property {JsonWebKey} jwk the public key
 * @property {string} thumbprint RFC 7638
 */

const NAME = 'approvals-hub'
const STORE = 'device-key'

/** IndexedDB is missing or cannot hold keys (Lockdown Mode, private windows): every answer takes a passkey. */
export class NoKeyStore extends Error {}

/**
 * A new key pair: Ed25519, else P-256 where the browser is too old for it.
 * @param {string} personId
 * @returns {Promise<DeviceKey>}
 */
export async function makeKey(personId) {
  const { alg, pair } = await generate()
  const exported = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const jwk = alg === 'ES256'
    ? { kty: 'EC', crv: 'P-256', x: exported.x ?? '', y: exported.y ?? '' }
    : { kty: 'OKP', crv: 'Ed25519', x: exported.x ?? '' }
  return { deviceId: '', personId, alg, privateKey: pair.privateKey, jwk, thumbprint: await thumbprint(jwk) }
}

/**
 * The signature of this device, base64url. Never the same twice on some browsers, so never a key to anything.
 * @param {DeviceKey} key
 * @param {Uint8Array<ArrayBuffer>} data
 */
export async function signWith(key, data) {
  const algorithm = key.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' }
  return b64u(new Uint8Array(await crypto.subtle.sign(algorithm, key.privateKey, data)))
}

/**
 * The key of this browser, if it has one.
 * @returns {Promise<DeviceKey | null>}
 * @throws {NoKeyStore}
 */
export async function loadKey() {
  return (await inStore('readonly', (store) => store.get('this'))) ?? null
}

/**
 * Keeps the key, on disk before it returns.
 * @param {DeviceKey} key
 * @throws {NoKeyStore}
 */
export async function keepKey(key) {
  await inStore('readwrite', (store) => store.put(key, 'this'))
}

/**
 * Forgets the key for good, and the place where it lay.
 * @returns {Promise<void>}
 */
export function forgetKey() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(NAME)
      request.onsuccess = request.onerror = request.onblocked = () => resolve()
    } catch {
      resolve()
    }
  })
}

/** Asks the browser not to clear this page's storage; it may say no. */
export async function askToPersist() {
  return navigator.storage?.persist ? navigator.storage.persist() : false
}

/** @returns {Promise<{alg: Alg, pair: CryptoKeyPair}>} */
async function generate() {
  try {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])
    return { alg: 'Ed25519', pair: /** @type {CryptoKeyPair} */ (pair) }
  } catch {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    return { alg: 'ES256', pair }
  }
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} work
 * @returns {Promise<any>}
 */
async function inStore(mode, work) {
  try {
    const database = await opened()
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(STORE, mode, { durability: 'strict' })
        const request = work(transaction.objectStore(STORE))
        transaction.oncomplete = () => resolve(request.result)
        transaction.onabort = () => reject(transaction.error)
      })
    } finally {
      database.close()
    }
  } catch (error) {
    throw new NoKeyStore(String(error))
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error('blocked'))
  })
}

