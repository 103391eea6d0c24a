/**
 * Linking keys to a person: the first by invitation, every further one signed for by a key that is already there.
 */

import { ask } from './api.js'
import { browserName, platformName } from './browser_name.js'
import { askToPersist, keepKey, makeKey, signWith } from './device_key.js'
import { makePasskey, usePasskey } from './passkey.js'
import { b64u, sha256, unb64u } from '../shared/canonical.js'
import { enrolBytes, furtherKeyBytes } from '../shared/statement.js'

/** @typedef {import('./session.js').Device} Device */
/** @typedef {{device: Device, digits: string | null, session: {scope: string} | null, recovery: {counts_at: string | null} | null}} Linked */
/** @typedef {{kind: 'passkey', device: Device} | {kind: 'device_key', key: import('./device_key.js').DeviceKey}} Voucher a key that signs for the new one */

/**
 * Trades the token of an invitation for a session that can link a key and do nothing else.
 * @param {string} token
 */
export function acceptInvitation(token) {
  return ask('POST', '/v1/invitations/accept', { token, client: 'web', transport: 'cookie' })
}

/**
 * Makes a passkey and links it.
 * @param {string} personId
 * @param {Voucher | null} voucher needed when the person has a key already
 * @returns {Promise<Linked>}
 */
export async function linkPasskey(personId, voucher) {
  const challenge = await enrolChallenge()
  const credential = await makePasskey(challenge['public_key'])
  const keyThumbprint = b64u(await sha256(unb64u(credential['rawId'])))
  return linked(challenge, {
    kind: 'passkey',
    credential,
    ...(voucher ? { existing: await vouch(voucher, challenge, keyThumbprint, personId) } : {}),
  })
}

/**
 * Makes a key in this browser and links it; the key is on disk before the hub hears of it.
 * @param {string} personId
 * @param {Voucher | null} voucher needed when the person has a key already
 * @returns {Promise<Linked & {persisted: boolean}>}
 * @throws {import('./device_key.js').NoKeyStore}
 */
export async function linkKey(personId, voucher) {
  const key = await makeKey(personId)
  await keepKey(key)
  const challenge = await enrolChallenge()
  const proof = await signWith(key, enrolBytes(enrolment(challenge, key.thumbprint, personId)))
  const answer = await linked(challenge, {
    kind: 'device_key',
    jwk: key.jwk,
    proof,
    ...(voucher ? { existing: await vouch(voucher, challenge, key.thumbprint, personId) } : {}),
  })
  await keepKey({ ...key, deviceId: answer.device.device_id })
  return { ...answer, persisted: await askToPersist() }
}

function enrolChallenge() {
  return ask('POST', '/v1/challenges', { purpose: 'enrol' })
}

/**
 * @param {Record<string, any>} challenge
 * @param {string} keyThumbprint
 * @param {string} personId
 */
function enrolment(challenge, keyThumbprint, personId) {
  return { challenge: String(challenge['challenge']), key_thumbprint: keyThumbprint, person_id: personId }
}

/**
 * The existing key signs the hash of the new one.
 * @param {Voucher} voucher
 * @param {Record<string, any>} challenge
 * @param {string} keyThumbprint
 * @param {string} personId
 */
async function vouch(voucher, challenge, keyThumbprint, personId) {
  const words = furtherKeyBytes(enrolment(challenge, keyThumbprint, personId))
  if (voucher.kind === 'device_key') return { device_id: voucher.key.deviceId, signature: await signWith(voucher.key, words) }
  const signed = await sha256(words)
  const assertion = await usePasskey({
    challenge: b64u(signed),
    rpId: challenge['public_key'].rp.id,
    userVerification: 'required',
  })
  return { device_id: voucher.device.device_id, assertion }
}

/**
 * @param {Record<string, any>} challenge
 * @param {Record<string, unknown>} key
 * @returns {Promise<Linked>}
 */
async function linked(challenge, key) {
  const agent = navigator.userAgent
  const body = { challenge_id: challenge['challenge_id'], name: browserName(agent), platform: platformName(agent), ...key }
  return /** @type {Linked} */ (await ask('POST', '/v1/devices', body))
}
