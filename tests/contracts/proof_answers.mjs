// What the verifier in JavaScript says of the vectors of proofs, in Node and in a browser.
import { BadProof, canonical, loads, verifyProof } from '../../sdks/javascript/proof.mjs'

/** The cases of which it says something else: their name, what is wanted, and what it says. */
export async function wrongAnswers(file) {
  const wrong = []
  for (const { name, claims, reason, ...asked } of [...file.accepted, ...file.refused]) {
    const given = await answer(file, asked).catch(String)
    if (given !== (claims ?? reason)) wrong.push([name, claims ?? reason, given])
  }
  return wrong
}

/** The claims as canonical text, or the reason for the refusal. */
async function answer(file, { token, keys = file.keys, action, min_acr: minAcr, auth_ref: authRef, ...options }) {
  try {
    const asked = { now: Date.parse(file.now), ...options, minAcr, authRef, action: strictly(action) }
    return canonical(await verifyProof(token, keys, file.audience, asked))
  } catch (error) {
    if (error instanceof BadProof) return error.reason
    throw error
  }
}

function strictly(action) {
  try {
    return action === undefined ? undefined : loads(action)
  } catch {
    throw new BadProof('action', 'not strict JSON')
  }
}
