/**
 * Signing an answer. The hub gives a template; every member of it is compared with what this page showed before any key
 * is used, and the bytes that are signed are the bytes that are sent.
 */

import { ask, askUntilTaken } from './api.js'
import { explained, NOTHING } from './demands.js'
import { loadKey, NoKeyStore, signWith } from './device_key.js'
import { usePasskey } from './passkey.js'
import { ContentChanged } from './question.js'
import { devices, ownKey } from './session.js'
import { offered } from './step_up/hub.js'
import { b64u, canonicalBytes } from '../shared/canonical.js'
import { passkeyChallenge, PROFILE, signedBytes, STATEMENT_MEMBERS } from '../shared/statement.js'

/** @typedef {import('./question.js').Answer} Question */
/** @typedef {import('./question.js').Hashes} Hashes */
/** @typedef {import('./question.js').Receipt} Receipt */
/** @typedef {import('../shared/statement.js').Statement} Statement */
/** @typedef {import('./device_key.js').DeviceKey} DeviceKey */
/** @typedef {{kind: 'device_key', deviceId: string, key: DeviceKey} | {kind: 'passkey', deviceId: string}} Signer */
/** @typedef {import('./demands.js').Written} Written */
/** @typedef {{statement: Statement, publicKey: Record<string, any> | null, written?: Written}} View the hub's template for one signer, and what was written into it */
/** @typedef {{decision: 'approve' | 'deny' | 'not_me', reasonCode?: string | null, reason?: string, written?: Written, proof?: Proof}} Reply */
/** @typedef {{view: View, stepUpId: string}} Proof who somebody is, proven for the approval by this very statement */
/** @typedef {{signer: Signer, offer: import('./step_up/hub.js').Offer}} Means */

/** This person has no key that this browser can sign with. */
export class NoSigner extends Error {}

/**
 * What this browser signs an approval with, and what has to be proven beside it. Its own key wherever that is enough, or
 * with a further proof that the person can give; else a passkey.
 * @param {Question} question
 * @param {AbortSignal} [signal]
 * @returns {Promise<Means>}
 * @throws {NoSigner}
 */
export async function meansFor(question, signal) {
  const [kept, keys] = await Promise.all([ownKey(), devices(signal)])
  const counting = keys.filter(({ state }) => state === 'active')
  // A key that waits for its confirmation, or was revoked elsewhere, is kept here and signs nothing.
  const own = kept && counting.some(({ device_id: id }) => id === kept.deviceId) ? kept : null
  const passkeys = counting.filter(({ kind }) => kind === 'passkey')
  const taken = passkeys.filter((key) => takes(question.requirement, key))
  const passkey = taken.find(({ current }) => current) ?? taken[0] ?? passkeys.find(({ current }) => current) ?? passkeys[0]
  /** @param {Signer} signer @returns {Promise<Means>} */
  const means = async (signer) => ({ signer, offer: await offered(question.escalation_id, signer.deviceId, signal) })
  const byKey = own ? await means({ kind: 'device_key', deviceId: own.deviceId, key: own }) : null
  if (byKey && !byKey.offer.needed) return byKey
  // The hub takes no bare key where the risk is critical. A passkey that signs is one step, a proof beside a key two.
  const straight = question.requirement.risk === 'critical' && taken.length > 0
  const provable = !straight && byKey?.offer.needed === true && byKey.offer.ways.some(({ linked }) => linked)
  if (byKey && provable) return byKey
  const byPasskey = passkey ? await means({ kind: 'passkey', deviceId: passkey.device_id }) : null
  if (byPasskey && (!byPasskey.offer.needed || !byKey)) return byPasskey
  if (byKey) return byKey
  throw new NoSigner()
}

/**
 * Whether this passkey counts as one here, by what its authenticator said of copies when it was last used.
 * @param {Question['requirement']} requirement
 * @param {import('./session.js').Device} passkey
 */
function takes({ passkeys }, { backup_eligible: eligible, backed_up: synced }) {
  return passkeys === 'device_bound' ? !eligible : passkeys === 'not_synced' ? !synced : true
}

/**
 * Whether this browser can keep a key at all; where not, every answer takes a passkey.
 */
export async function keepsKeys() {
  try {
    await loadKey()
    return true
  } catch (error) {
    if (error instanceof NoKeyStore) return false
    throw error
  }
}

/**
 * Tells the hub that the question was painted, and gets the statement to fill in.
 * @param {Question} question
 * @param {Signer} signer
 * @param {AbortSignal} [signal]
 * @returns {Promise<View>}
 */
export async function tellSeen(question, signer, signal) {
  const path = `/v1/escalations/${encodeURIComponent(question.escalation_id)}/views`
  const answer = await ask('POST', path, { device_id: signer.deviceId }, { signal })
  return { statement: answer['statement'], publicKey: answer['signing'].public_key }
}

/**
 * Signs the reply and sends it. Nothing is decided before the hub's receipt is here.
 * @param {Question} question
 * @param {Hashes} hashes those of what was painted
 * @param {Signer} signer
 * @param {View} view
 * @param {Reply} reply
 * @param {string} personId
 * @returns {Promise<Receipt>}
 */
export async function decide(question, hashes, signer, view, reply, personId) {
  checkTemplate(view.statement, question, hashes, signer, personId, view.written)
  const written = view.written ?? reply.written ?? await explained(reply.reason)
  const statement = {
    ...fillIn(view.statement, written),
    decision: reply.decision,
    reason_code: reply.reasonCode ?? null,
    step_up: reply.proof ? [reply.proof.stepUpId] : [],
  }
  const path = `/v1/escalations/${encodeURIComponent(question.escalation_id)}/decisions`
  const body = {
    statement: b64u(canonicalBytes(statement)),
    ...(written.reason ? { reason: written.reason, reason_salt: written.salt } : {}),
    ...(await signature(statement, signer, view)),
  }
  return /** @type {Receipt} */ (await askUntilTaken('POST', path, body))
}

/**
 * The statement with what the approver wrote: what is proven by a step-up is proven for exactly that.
 * @param {Statement} statement
 * @param {Written} written
 * @returns {Statement}
 */
export function fillIn(statement, written) {
  return { ...statement, match_code: written.matchCode, reason_commitment: written.commitment }
}

/**
 * @param {Statement} statement
 * @param {Signer} signer
 * @param {View} view
 */
async function signature(statement, signer, view) {
  if (signer.kind === 'device_key') return { signature: await signWith(signer.key, signedBytes(statement)) }
  const challenge = b64u(await passkeyChallenge(statement))
  return { assertion: await usePasskey({ ...view.publicKey, challenge, userVerification: 'required' }) }
}

/**
 * Every member of the template must be what this page showed or knows.
 * @param {Statement} statement
 * @param {Question} question
 * @param {Hashes} hashes
 * @param {Signer} signer
 * @param {string} personId
 * @param {Written} [written] what this page wrote into it before
 * @throws {ContentChanged}
 */
export function checkTemplate(statement, question, hashes, signer, personId, written = NOTHING) {
  const expected = {
    profile: PROFILE,
    org_id: question.org.org_id,
    escalation_id: question.escalation_id,
    revision: question.revision,
    action_hash: hashes.actionHash,
    presentation_hash: hashes.presentationHash,
    requirement_hash: hashes.requirementHash,
    decision: null,
    reason_code: null,
    reason_commitment: written.commitment,
    match_code: written.matchCode,
    approver_id: personId,
    device_id: signer.deviceId,
    approval_valid_for: question.requirement.approval_valid_for,
  }
  const members = Object.keys(statement).sort().join()
  if (members !== [...STATEMENT_MEMBERS].sort().join()) throw new ContentChanged('the statement has other members')
  for (const [name, value] of Object.entries(expected)) {
    if (Reflect.get(statement, name) !== value) throw new ContentChanged(`the statement's ${name} is not the shown one`)
  }
  if (new URL(statement.audience).origin !== location.origin) throw new ContentChanged('the statement is for another hub')
  if (statement.step_up.length > 0) throw new ContentChanged('the statement lists a proof that nobody gave')
}
