// JavaScript's part of the vectors of proofs: node --test tests/contracts/proof_vectors.mjs
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { canonical, loads, verifyProof } from '../../sdks/javascript/proof.mjs'
import { wrongAnswers } from './proof_answers.mjs'

const bytes = (name) => readFileSync(new URL(`../vectors/${name}.json`, import.meta.url))
const file = JSON.parse(bytes('approvals_hub/proofs').toString())
const { token } = file.accepted[0]

test('every good proof gives its claims, and every attack its reason', async () => {
  assert.ok(file.accepted.length >= 26 && file.refused.length >= 190)
  assert.deepEqual(await wrongAnswers(file), [])
})

test('an action is written as the vectors of RFC 8785 say', () => {
  for (const name of ['arrays', 'french', 'structures', 'unicode', 'values', 'weird']) {
    assert.equal(canonical(loads(bytes(`jcs/input/${name}`))), bytes(`jcs/output/${name}`).toString())
  }
})

test('an action that is no plain value has no hash, so that the proof is not for it', async () => {
  for (const action of [{ a: undefined }, { a: 1n }, new Map(), [], null, { a: new Date(0) }, { a: '\ud800' }, { a: 2 ** 60 }]) {
    const asked = { now: Date.parse(file.now), action }
    await assert.rejects(verifyProof(token, file.keys, file.audience, asked), { reason: 'action' })
  }
})

test('what would ask for nothing is not asked', async () => {
  const more = [{ min_acr: '' }, { min_acr: 2 }, { methods: 'bankid' }, { amr: [1] }, { auth_ref: '' }, { auth_ref: ['x'] }]
  assert.equal(file.asked_wrongly.length, 7)
  for (const { min_acr: minAcr, auth_ref: authRef, ...lists } of [...file.asked_wrongly, ...more]) {
    const asked = { now: Date.parse(file.now), minAcr, authRef, ...lists }
    await assert.rejects(verifyProof(token, file.keys, file.audience, asked), TypeError)
  }
})

test('a time that is no number does not make a proof last for ever', async () => {
  for (const asked of [{ leeway: NaN }, { leeway: '1000' }, { leeway: Infinity }, { now: NaN }, { now: new Date(0) }, { now: null }]) {
    await assert.rejects(verifyProof(token, file.keys, file.audience, asked), TypeError)
  }
})

test('who does not name itself, or brings no keys, is told so', async () => {
  const { audiences, tokens } = file.no_audience
  for (const audience of [undefined, ...audiences]) {
    for (const each of tokens) await assert.rejects(verifyProof(each, file.keys, audience, { now: Date.parse(file.now) }), TypeError)
  }
  for (const keys of [undefined, null, {}, [], { keys: {} }]) await assert.rejects(verifyProof(token, keys, 'x'), TypeError)
})
