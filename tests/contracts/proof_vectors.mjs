// JavaScript's part of the vectors of proofs: node --test tests/contracts/proof_vectors.mjs
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { BadProof, canonical, loads, verifyProof } from '../../sdks/javascript/proof.mjs'

const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'))
const file = vectors('approvals_hub/proofs')

/** The claims as canonical text, or the reason for the refusal. */
async function answer({ token, keys = file.keys, action, ...options }) {
  try {
    const read = action === undefined ? undefined : strictly(action)
    const asked = { now: Date.parse(file.now), ...options, action: read }
    return canonical(await verifyProof(token, keys, file.audience, asked))
  } catch (error) {
    if (error instanceof BadProof) return error.reason
    throw error
  }
}

function strictly(action) {
  try {
    return loads(action)
  } catch {
    throw new BadProof('action', 'not strict JSON')
  }
}

test('every good proof gives its claims, and every attack its reason', async () => {
  const wrong = []
  for (const { name, claims, reason, ...asked } of [...file.accepted, ...file.refused]) {
    const given = await answer(asked).catch(String)
    if (given !== (claims ?? reason)) wrong.push([name, claims ?? reason, given])
  }
  assert.deepEqual(wrong, [])
})

test('an action is written as the vectors of RFC 8785 say', () => {
  for (const name of ['arrays', 'french', 'structures', 'unicode', 'values', 'weird']) {
    const read = (folder) => readFileSync(new URL(`../vectors/jcs/${folder}/${name}.json`, import.meta.url))
    assert.equal(canonical(loads(read('input'))), read('output').toString())
  }
})

test('an action that is no plain value has no hash', async () => {
  for (const action of [{ a: undefined }, { a: 1n }, new Map(), [], null, { a: new Date(0) }, { a: '\ud800' }]) {
    assert.equal(await answer({ ...file.accepted[0], action: undefined, hash: action }).then(() => 'asked nothing'), 'asked nothing')
    await assert.rejects(
      verifyProof(file.accepted[0].token, file.keys, file.audience, { now: Date.parse(file.now), action }),
      { reason: 'action' },
    )
  }
})

test('who does not name itself, or brings no keys, is told so', async () => {
  const { token } = file.accepted[0]
  for (const audience of [undefined, null, '']) await assert.rejects(verifyProof(token, file.keys, audience), TypeError)
  for (const keys of [undefined, null, {}, [], { keys: {} }]) await assert.rejects(verifyProof(token, keys, 'x'), TypeError)
})
