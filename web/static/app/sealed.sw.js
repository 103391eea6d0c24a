/**
 * The first part of the service worker: what the page keeps for it, and words that the hub sealed to this browser.
 *
 * HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message: `enc ‖ ciphertext`.
 */

const LONGEST_SEAL = 4096
const KEM_SUITE = [75, 69, 77, 0, 32] // "KEM", DHKEM(X25519, HKDF-SHA256)
const HPKE_SUITE = [72, 80, 75, 69, 0, 32, 0, 1, 0, 2] // "HPKE", the same, HKDF-SHA256, AES-256-GCM
const NOTHING = new Uint8Array(0)

/** @typedef {{privateKey: CryptoKey, publicKey: Uint8Array<ArrayBuffer>}} SealKey */

/**
 * What is sealed to this browser in a message, or null: it has no key, or the words are not for it and this message.
 * @param {string} sealed base64url
 * @param {{escalation_id: string, telling_id: string}} place
 * @returns {Promise<{title: string, body: string} | null>}
 */
async function openSeal(sealed, { escalation_id, telling_id }) {
  try {
    /** @type {{deviceId: string, seal?: SealKey | null} | null} */
    const told = await kept('approvals-hub-push', 'told')
    if (!told?.seal || sealed.length > LONGEST_SEAL) return null
    const members = { audience: self.location.origin, device_id: told.deviceId, escalation_id, telling_id }
    const info = new TextEncoder().encode(`approvals-hub.seal.v1\0${JSON.stringify(members)}`)
    const plain = await openHpke(told.seal, octetsOf(sealed), info, NOTHING)
    const { title, body } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
    return typeof title === 'string' && title.trim() && typeof body === 'string' ? { title, body } : null
  } catch {
    return null
  }
}

/**
 * The one message of a context (RFC 9180 section 6.1, `OpenBase`).
 * @param {SealKey} key
 * @param {Uint8Array<ArrayBuffer>} sealed
 * @param {Uint8Array<ArrayBuffer>} info
 * @param {Uint8Array<ArrayBuffer>} aad
 * @throws where it is for somebody else, or was changed
 */
async function openHpke({ privateKey, publicKey }, sealed, info, aad) {
  const enc = sealed.slice(0, 32)
  const theirs = await crypto.subtle.importKey('raw', enc, { name: 'X25519' }, false, [])
  // All zeros, from a point of small order, is refused by the browser (RFC 7748 section 6.1).
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, privateKey, 256))
  const shared = await expanded(
    KEM_SUITE, await extracted(KEM_SUITE, NOTHING, 'eae_prk', dh), 'shared_secret', joined(enc, publicKey), 32,
  )
  const context = joined(
    [0], await extracted(HPKE_SUITE, NOTHING, 'psk_id_hash', NOTHING), await extracted(HPKE_SUITE, NOTHING, 'info_hash', info),
  )
  const secret = await extracted(HPKE_SUITE, shared, 'secret', NOTHING)
  const raw = await expanded(HPKE_SUITE, secret, 'key', context, 32)
  const iv = await expanded(HPKE_SUITE, secret, 'base_nonce', context, 12)
  const cipher = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt'])
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: aad }, cipher, sealed.slice(32)))
}

/**
 * LabeledExtract of RFC 9180 section 4.
 * @param {number[]} suite @param {Uint8Array} salt @param {string} label @param {Uint8Array} input
 */
function extracted(suite, salt, label, input) {
  return mac(salt, joined(named('HPKE-v1'), suite, named(label), input))
}

/**
 * LabeledExpand, of one block at most.
 * @param {number[]} suite @param {Uint8Array} secret @param {string} label @param {Uint8Array} info @param {number} length
 */
async function expanded(suite, secret, label, info, length) {
  return (await mac(secret, joined([0, length], named('HPKE-v1'), suite, named(label), info, [1]))).slice(0, length)
}

/** @param {Uint8Array} secret @param {Uint8Array<ArrayBuffer>} data */
async function mac(secret, data) {
  // Browsers refuse an empty key; a block of zeros is the same one (RFC 2104).
  const padded = new Uint8Array(64)
  padded.set(secret)
  const key = await crypto.subtle.importKey('raw', padded, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, data))
}

/** @param {...(Uint8Array | number[])} parts */
function joined(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** @param {string} label */
function named(label) {
  return new TextEncoder().encode(label)
}

/** @param {string} text base64url */
function octetsOf(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
}

/**
 * What the page keeps in one of its stores; null where there is none, and none is made.
 * @param {string} name @param {string} store @returns {Promise<any>}
 */
function kept(name, store) {
  return new Promise((resolve) => {
    const opening = indexedDB.open(name, 1)
    opening.onupgradeneeded = () => opening.transaction?.abort()
    opening.onerror = opening.onblocked = () => resolve(null)
    opening.onsuccess = () => {
      const database = opening.result
      const reading = database.transaction(store).objectStore(store).get('this')
      reading.onsuccess = () => resolve(reading.result ?? null)
      reading.onerror = () => resolve(null)
      database.close()
    }
  })
}
