/**
 * Who is signed in here, and with which key this browser signs.
 */

import { ask, Problem } from './api.js'
import { forgetKey, loadKey, NoKeyStore, signWith } from './device_key.js'
import { usePasskey } from './passkey.js'
import { forgetUnsaved } from './policies/unsaved.js'
import { forgetTold } from './push/kept.js'
import { forgetAll } from './step_up/kept.js'
import { signInBytes } from '../shared/statement.js'

/** @typedef {import('./device_key.js').DeviceKey} DeviceKey */
/** @typedef {{person_id: string, name: string, email: string | null}} Person */
/** @typedef {{org_id: string, name: string}} Org */
/**
 * @typedef {object} Session
 * @property {{session_id: string, scope: string, acr?: string, expires_at: string}} session
 * @property {Person} person
 * @property {Org} org
 * @property {string[]} roles
 */
/**
 * @typedef {object} Device
 * @property {string} device_id
 * @property {'passkey' | 'device_key'} kind
 * @property {string} alg
 * @property {string} name
 * @property {string | null} platform
 * @property {'pending' | 'active' | 'revoked'} state
 * @property {string} key_hash
 * @property {boolean} backup_eligible whether a passkey can be copied to other devices
 * @property {boolean} backed_up whether it was, when it was last used
 * @property {string} created_at
 * @property {string | null} last_used_at
 * @property {boolean} current
 */

const CLIENT = 'web'
const LEFT = 'approvals-hub.left'

/**
 * The present session, or null when nobody is signed in.
 * @param {AbortSignal} [signal]
 * @returns {Promise<Session | null>}
 */
export async function presentSession(signal) {
  try {
    // Whoever signed out without a network is signed out here; the hub, which has the cookie's session, hears of it first.
    if (left() && !(await endLeft())) return null
    return /** @type {Session} */ (await ask('GET', '/v1/session', undefined, { signal }))
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null
    throw error
  }
}

/** Ends the session that was left without a network. @returns {Promise<boolean>} whether the hub knows */
async function endLeft() {
  try {
    await ask('POST', '/v1/sign-out', {})
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) return false
  }
  left(false)
  return true
}

/**
 * Whether this browser was signed out and the hub does not know it yet.
 * @param {boolean} [set]
 */
function left(set) {
  try {
    if (set === true) localStorage.setItem(LEFT, '1')
    if (set === false) localStorage.removeItem(LEFT)
    return localStorage.getItem(LEFT) !== null
  } catch {
    // Storage is off for this page.
    return false
  }
}

/**
 * This browser's key, or null: none was made, the browser cleared it, or it can keep none.
 * @returns {Promise<DeviceKey | null>}
 */
export async function ownKey() {
  try {
    const key = await loadKey()
    return key?.deviceId ? key : null
  } catch (error) {
    if (error instanceof NoKeyStore) return null
    throw error
  }
}

/**
 * Signs in with a passkey; `offered` waits in the browser's autofill instead of opening a dialog, `orgId` chooses among
 * several organisations.
 * @param {{signal?: AbortSignal, offered?: boolean, orgId?: string}} [how]
 * @returns {Promise<Session>}
 */
export async function signInWithPasskey({ orgId, ...how } = {}) {
  const challenge = await ask('POST', '/v1/challenges', { purpose: 'sign_in' })
  const assertion = await usePasskey(challenge['public_key'], how)
  const where = orgId === undefined ? {} : { org_id: orgId }
  const body = { challenge_id: challenge['challenge_id'], assertion, transport: 'cookie', client: CLIENT, ...where }
  return /** @type {Session} */ (await ask('POST', '/v1/sessions', body))
}

/**
 * Signs in with this browser's own key, without asking the person anything.
 * @param {DeviceKey} key
 * @param {string} [orgId] chooses among several organisations
 * @returns {Promise<Session | null>} null when the hub does not know the key any more
 */
export async function signInWithKey(key, orgId) {
  const challenge = await ask('POST', '/v1/challenges', { purpose: 'sign_in' })
  const signed = signInBytes({
    challenge: challenge['challenge'], device_id: key.deviceId, audience: location.origin,
  })
  const body = {
    challenge_id: challenge['challenge_id'],
    device_id: key.deviceId,
    signature: await signWith(key, signed),
    transport: 'cookie',
    client: CLIENT,
    ...(orgId === undefined ? {} : { org_id: orgId }),
  }
  try {
    return /** @type {Session} */ (await ask('POST', '/v1/sessions', body))
  } catch (error) {
    if (error instanceof Problem && error.status < 500 && error.status !== 429) return null
    throw error
  }
}

/**
 * A fresh factor of this browser's own key, without asking the person anything.
 * @param {DeviceKey} key
 * @param {Record<string, any>} [issued] a challenge of purpose `fresh` that is there already
 * @returns {Promise<Record<string, unknown>>} the `fresh` member of a body; good for one call
 */
export async function freshByKey(key, issued) {
  const challenge = issued ?? (await ask('POST', '/v1/challenges', { purpose: 'fresh' }))
  const signed = signInBytes({ challenge: challenge['challenge'], device_id: key.deviceId, audience: location.origin })
  return { challenge_id: challenge['challenge_id'], device_id: key.deviceId, signature: await signWith(key, signed) }
}

/** Ends the session and unlinks this browser: its key is revoked at the hub and forgotten here, also without network. */
export async function signOut() {
  const key = await ownKey()
  try {
    await ask('POST', '/v1/sign-out', key ? { device_id: key.deviceId, fresh: await freshByKey(key) } : {})
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) left(true)
    throw error
  } finally {
    forgetAll()
    forgetUnsaved()
    await Promise.all([forgetKey(), forgetTold()])
  }
}

/**
 * The person's devices.
 * @param {AbortSignal} [signal]
 * @returns {Promise<Device[]>}
 */
export async function devices(signal) {
  return (await ask('GET', '/v1/devices', undefined, { signal }))['items']
}
