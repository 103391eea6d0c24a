/**
 * A fresh factor: proof that the person of this session is here now, for what a stolen session must not do.
 */

import { ask } from './api.js'
import { signWith } from './device_key.js'
import { NoSigner } from './decision.js'
import { hasPasskeys, usePasskey } from './passkey.js'
import { devices, ownKey } from './session.js'
import { signInBytes } from '../shared/statement.js'

/**
 * Signs a challenge of this session: with a passkey, which asks the person, or with this browser's key where there is none.
 * @returns {Promise<Record<string, unknown>>} the `fresh` member of a body; good for one call
 * @throws {NoSigner | DOMException}
 */
export async function freshFactor() {
  const challenge = await ask('POST', '/v1/challenges', { purpose: 'fresh' })
  const passkeys = (await devices()).filter(({ kind, state }) => kind === 'passkey' && state === 'active')
  const key = await ownKey()
  if (hasPasskeys && passkeys.length > 0) {
    const assertion = await usePasskey({ ...challenge['public_key'], userVerification: 'required' })
    return { challenge_id: challenge['challenge_id'], assertion }
  }
  if (!key) throw new NoSigner()
  const signed = signInBytes({ challenge: challenge['challenge'], device_id: key.deviceId, audience: location.origin })
  return { challenge_id: challenge['challenge_id'], device_id: key.deviceId, signature: await signWith(key, signed) }
}
