/**
 * Step-ups and factors as the hub speaks of them.
 */

import { ask, askUntilTaken } from '../api.js'
import { b64u, canonicalBytes } from '../../shared/canonical.js'
import { language } from '../words.js'

/** @typedef {import('../../shared/statement.js').Statement} Statement */
/**
 * @typedef {object} Way
 * @property {string} method the provider
 * @property {string} name as policies and receipts call it
 * @property {boolean} linked whether the person can take it now
 * @property {boolean} copies whether a code has to be remembered or copied
 */
/** @typedef {{needed: boolean, ways: Way[], min_assurance: string, methods: string[], fresh_within: number | null, passkeys: string}} Offer */
/**
 * @typedef {object} StepUp
 * @property {string} step_up_id
 * @property {string | null} escalation_id
 * @property {string} method
 * @property {string} name
 * @property {'decision' | 'link'} purpose
 * @property {'beginning' | 'running' | 'proven' | 'used' | 'ended'} state
 * @property {string | null} cause
 * @property {string | null} hint
 * @property {Record<string, any>} shown the way's own
 * @property {number} tries_left
 * @property {string} began_at
 * @property {string} expires_at
 */
/** @typedef {{factor_id: string, method: string, name: string, created_at: string, last_used_at: string | null}} Factor */
/** @typedef {{method: string, name: string}} Linkable */
/** @typedef {{factor_id: string, method: string, name: string, by_name: string | null, created_at: string, expires_at: string}} Expected */

/**
 * What a question asks beside the signature of this device.
 * @param {string} escalationId
 * @param {string} deviceId
 * @param {AbortSignal} [signal]
 * @returns {Promise<Offer>}
 */
export async function offered(escalationId, deviceId, signal) {
  const path = `/v1/escalations/${encodeURIComponent(escalationId)}/step-ups?device_id=${encodeURIComponent(deviceId)}`
  return /** @type {Offer} */ (await ask('GET', path, undefined, { signal }))
}

/**
 * Begins to prove it for an approval by this statement; one that runs for it is given back. While another tab begins the
 * very same, the hub says when to ask again, and is asked again; the second beginning gets what the first one began.
 * @param {Statement} statement
 * @param {string} method
 * @param {boolean} sameDevice whether the app that proves it is on this device
 * @returns {Promise<StepUp>}
 */
export async function begin(statement, method, sameDevice) {
  const { step_up: _, ...template } = statement
  const intent = b64u(canonicalBytes({ ...template, decision: 'approve' }))
  const path = `/v1/escalations/${encodeURIComponent(statement.escalation_id)}/step-ups`
  return /** @type {StepUp} */ (await askUntilTaken('POST', path, { method, intent, same_device: sameDevice, language }, 'step_up_busy'))
}

/**
 * Begins to tie a way to the person.
 * @param {string} method
 * @param {Record<string, string>} given what the way needs to begin, like an address
 * @param {boolean} sameDevice
 * @param {Record<string, unknown>} fresh
 * @returns {Promise<StepUp>}
 */
export async function beginLink(method, given, sameDevice, fresh) {
  return /** @type {StepUp} */ (await ask('POST', '/v1/factors', { method, given, same_device: sameDevice, language, fresh }))
}

/**
 * How it stands.
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<StepUp>}
 */
export async function look(id, signal) {
  return /** @type {StepUp} */ (await ask('GET', `/v1/step-ups/${encodeURIComponent(id)}`, undefined, { signal }))
}

/**
 * Answers it. While the hub itself is asking the provider it takes no answer and says when to send it again.
 * @param {string} id
 * @param {Record<string, unknown>} answer
 * @returns {Promise<StepUp>}
 */
export async function give(id, answer) {
  return /** @type {StepUp} */ (await askUntilTaken('POST', `/v1/step-ups/${encodeURIComponent(id)}`, { answer }))
}

/**
 * Ends it, at the provider too. That it could not be ended is no harm: it ends by itself.
 * @param {string} id
 */
export async function cancel(id) {
  await ask('DELETE', `/v1/step-ups/${encodeURIComponent(id)}`).catch(() => undefined)
}

/**
 * What is tied to the person, what could be, and what their organisation expects to be.
 * @param {AbortSignal} [signal]
 * @returns {Promise<{items: Factor[], linkable: Linkable[], expected: Expected[]}>}
 */
export async function factors(signal) {
  const found = await ask('GET', '/v1/factors', undefined, { signal })
  return /** @type {{items: Factor[], linkable: Linkable[], expected: Expected[]}} */ (found)
}

/**
 * @param {string} id
 * @param {Record<string, unknown>} fresh
 */
export async function unlink(id, fresh) {
  await ask('DELETE', `/v1/factors/${encodeURIComponent(id)}`, { fresh })
}
