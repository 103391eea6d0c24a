/**
 * What an approver signs, byte for byte. The twin of `approvals_hub_client/statement.py`.
 */

import { b64u, canonicalBytes, sha256, sha256Text, withPurpose } from './canonical.js'

/** @typedef {'approve' | 'deny' | 'not_me'} Decision */
/**
 * @typedef {object} Statement
 * @property {string} profile
 * @property {string} audience the hub's public URL
 * @property {string} org_id
 * @property {string} escalation_id
 * @property {number} revision
 * @property {string} action_hash
 * @property {string} presentation_hash
 * @property {string} requirement_hash
 * @property {Decision | null} decision null only in the hub's template
 * @property {string | null} reason_code
 * @property {string | null} reason_commitment
 * @property {string | null} match_code
 * @property {string} approver_id
 * @property {string} device_id
 * @property {string} nonce
 * @property {string} issued_at
 * @property {string} expires_at
 * @property {number} approval_valid_for seconds
 * @property {string[]} step_up
 */

export const PROFILE = 'approvals-hub.decision.v1'

/** The members of a statement: all present, none extra. */
export const STATEMENT_MEMBERS = [
  'profile', 'audience', 'org_id', 'escalation_id', 'revision', 'action_hash', 'presentation_hash',
  'requirement_hash', 'decision', 'reason_code', 'reason_commitment', 'match_code', 'approver_id', 'device_id',
  'nonce', 'issued_at', 'expires_at', 'approval_valid_for', 'step_up',
]

const encoder = new TextEncoder()

/**
 * "approvals-hub.decision.v1" ‖ 0x00 ‖ JCS(statement): what a device key signs.
 * @param {Statement} statement
 */
export function signedBytes(statement) {
  return withPurpose(PROFILE, canonicalBytes(statement))
}

/**
 * The challenge that a passkey signs: the hash of the signed bytes.
 * @param {Statement} statement
 */
export function passkeyChallenge(statement) {
  return sha256(signedBytes(statement))
}

/**
 * The hash that every step-up is bound to: that of the statement without its step-ups.
 * @param {Statement} statement
 */
export function intentHash(statement) {
  const { step_up: _, ...intent } = statement
  return sha256Text(withPurpose('approvals-hub.intent.v1', canonicalBytes(intent)))
}

/**
 * Commits to a free-text reason without telling it.
 * @param {string} reason
 * @param {Uint8Array} salt 16 bytes
 */
export function reasonCommitment(reason, salt) {
  if (salt.length !== 16) throw new RangeError('the salt has 16 bytes')
  return sha256Text(withPurpose('approvals-hub.reason.v1', salt, encoder.encode(reason)))
}

/** @typedef {{challenge: string, key_thumbprint: string, person_id: string}} Enrolment */

/**
 * What a new key signs to prove that it is there.
 * @param {Enrolment} enrolment
 */
export function enrolBytes(enrolment) {
  return withPurpose('approvals-hub.enrol.v1', canonicalBytes(enrolment))
}

/**
 * What an existing key signs to let a further one in; the thumbprint is the new key's.
 * @param {Enrolment} enrolment
 */
export function furtherKeyBytes(enrolment) {
  return withPurpose('approvals-hub.further-key.v1', canonicalBytes(enrolment))
}

/**
 * What a device key signs to open a session.
 * @param {{challenge: string, device_id: string, audience: string}} signIn
 */
export function signInBytes(signIn) {
  return withPurpose('approvals-hub.sign-in.v1', canonicalBytes(signIn))
}

/**
 * What a device key signs to have words sealed to another key of its device.
 * @param {{seal_key: string, device_id: string, audience: string}} sealKey
 */
export function sealKeyBytes(sealKey) {
  return withPurpose('approvals-hub.seal-key.v1', canonicalBytes(sealKey))
}

/**
 * The RFC 7638 thumbprint of a public key.
 * @param {JsonWebKey} jwk
 */
export async function thumbprint({ kty, crv, x, y }) {
  const required = kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x }
  return b64u(await sha256(canonicalBytes(required)))
}
