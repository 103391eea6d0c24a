/**
 * A fresh factor: proof that the person of this session is here now, for what a stolen session must not do.
 */

import { ask } from './api.js'
import { NoSigner } from './decision.js'
import { hasPasskeys, usePasskey } from './passkey.js'
import { devices, freshByKey, ownKey } from './session.js'

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
  return await freshByKey(key, challenge)
}
