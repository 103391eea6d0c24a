/**
 * Signing in by other ways than a key, as the hub speaks of it. Every call brings the attempt's secret along, never in
 * the address.
 */

import { ask, askUntilTaken, Problem } from '../api.js'
import { language } from '../words.js'

/** @typedef {import('./kept.js').Kept} Kept */
/** @typedef {{method: string, title: string, org_id: string | null}} Way */
/** @typedef {{sign_in_id: string, secret: string, shown: Record<string, any>, expires_at: string}} Begun */
/**
 * @typedef {object} Attempt
 * @property {string} sign_in_id
 * @property {string} method
 * @property {'beginning' | 'running' | 'proven' | 'done' | 'ended'} state
 * @property {Record<string, any>} shown the way's own
 * @property {Record<string, any> | null} signed_in the session, where this answer opened one
 */
/** @typedef {{secret: string, code: string, expires_at: string}} AskedLink */

const CLIENT = 'web'

/**
 * The ways that this hub offers beside keys.
 * @param {AbortSignal} [signal]
 * @returns {Promise<Way[]>}
 */
export async function ways(signal) {
  return (await ask('GET', '/v1/sign-in-ways', undefined, { signal }))['items']
}

/**
 * @param {string} method
 * @param {boolean} sameDevice whether the app that proves it is on this device
 * @returns {Promise<Begun>}
 */
export async function begin(method, sameDevice) {
  return /** @type {Begun} */ (await ask('POST', '/v1/sign-ins', { method, same_device: sameDevice, language }))
}

/**
 * Brings an answer, or none to hear how it stands and to take the session of one that is proven.
 * @param {Kept} kept
 * @param {Record<string, unknown> | null} answer
 * @param {AbortSignal} [signal]
 * @returns {Promise<Attempt>}
 */
export async function give(kept, answer, signal) {
  const body = { secret: kept.secret, answer, transport: 'cookie', client: CLIENT }
  const path = `/v1/sign-ins/${encodeURIComponent(kept.signInId)}`
  // While the hub itself asks the provider, nothing is taken.
  return /** @type {Attempt} */ (await (answer === null ? ask('POST', path, body, { signal }) : askUntilTaken('POST', path, body, 'sign_in_busy')))
}

/**
 * Ends it, at the provider too. That it could not be ended is no harm: it ends by itself.
 * @param {Kept} kept
 */
export async function cancel(kept) {
  const path = `/v1/sign-ins/${encodeURIComponent(kept.signInId)}`
  await ask('DELETE', path, { secret: kept.secret }).catch(() => undefined)
}

/**
 * Asks for a link by mail; the answer is the same whether anybody has the address.
 * @param {string} email
 * @returns {Promise<AskedLink>}
 */
export async function askForLink(email) {
  return /** @type {AskedLink} */ (await ask('POST', '/v1/sign-in-links', { email, language }))
}

/**
 * Signs in with a link: in the browser that asked by its secret, elsewhere by the digits that it shows.
 * @param {string} token
 * @param {{secret?: string, code?: string}} proof
 * @returns {Promise<'signed_in' | 'code_needed' | 'code_wrong'>}
 */
export async function useLink(token, proof) {
  try {
    await ask('POST', '/v1/sessions/by-link', { token, ...proof, transport: 'cookie', client: CLIENT })
    return 'signed_in'
  } catch (error) {
    if (error instanceof Problem && (error.code === 'code_needed' || error.code === 'code_wrong')) return error.code
    throw error
  }
}
