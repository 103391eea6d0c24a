/**
 * Passkeys (WebAuthn level 3). Options and answers travel in the standard's JSON forms; they are converted here, as not
 * every browser does it by itself yet.
 */

import { b64u, unb64u } from '../shared/canonical.js'

/** @typedef {Record<string, any>} OptionsJson */
/** @typedef {Record<string, any>} CredentialJson */

/** Whether this browser can use passkeys at all. */
export const hasPasskeys = typeof PublicKeyCredential === 'function'

/** Whether a passkey can be offered in the browser's own autofill. */
export async function canOffer() {
  return hasPasskeys && (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true
}

/**
 * Makes a passkey.
 * @param {OptionsJson} options
 * @param {AbortSignal} [signal]
 * @returns {Promise<CredentialJson>}
 * @throws {DOMException} NotAllowedError when the person says no
 */
export async function makePasskey(options, signal) {
  const publicKey = {
    ...options,
    challenge: unb64u(options['challenge']),
    user: { ...options['user'], id: unb64u(options['user'].id) },
    excludeCredentials: descriptors(options['excludeCredentials']),
  }
  const made = await navigator.credentials.create(/** @type {any} */ ({ publicKey, ...(signal ? { signal } : {}) }))
  const credential = /** @type {PublicKeyCredential} */ (made)
  const response = /** @type {AuthenticatorAttestationResponse} */ (credential.response)
  return {
    ...envelope(credential),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  }
}

/**
 * Lets a passkey sign a challenge.
 * @param {OptionsJson} options
 * @param {{signal?: AbortSignal | undefined, offered?: boolean}} [how] offered: in the autofill, without a dialog
 * @returns {Promise<CredentialJson>}
 * @throws {DOMException} NotAllowedError when the person says no or has no such passkey
 */
export async function usePasskey(options, { signal, offered = false } = {}) {
  const publicKey = {
    ...options,
    challenge: unb64u(options['challenge']),
    allowCredentials: descriptors(options['allowCredentials']),
  }
  const request = { publicKey, ...(signal ? { signal } : {}), ...(offered ? { mediation: 'conditional' } : {}) }
  const given = await navigator.credentials.get(/** @type {any} */ (request))
  const credential = /** @type {PublicKeyCredential} */ (given)
  const response = /** @type {AuthenticatorAssertionResponse} */ (credential.response)
  return {
    ...envelope(credential),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  }
}

/** @param {PublicKeyCredential} credential */
function envelope(credential) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  }
}

/** @param {{id: string, type: string}[] | undefined} list */
function descriptors(list) {
  return (list ?? []).map((descriptor) => ({ ...descriptor, id: unb64u(descriptor.id) }))
}

/** @param {ArrayBuffer} data */
function text(data) {
  return b64u(new Uint8Array(data))
}
