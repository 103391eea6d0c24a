// The page's half of the vectors that every language runs: node --test tests/contracts/page_vectors.mjs
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import * as canonical from '../../web/static/shared/canonical.js'
import { fieldsOf, present, presentationHash, reconstruct } from '../../web/static/shared/presentation.js'
import { visible } from '../../web/static/shared/visible.js'

const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'))
const presentations = vectors('presentation')

for (const { name, text, lines, shown, hidden } of vectors('visible').cases) {
  test(`visible: ${name}`, () => assert.deepEqual(visible(text, { lines }), { text: shown, hidden }))
}

for (const example of presentations.cases) {
  test(`presentation: ${example.name}`, async () => {
    const { action, escalation_id: escalationId, revision, audience, justification } = example
    const presentation = present(action, { escalationId, revision, audience, justification })
    assert.deepEqual(presentation, example.presentation)
    assert.equal(await presentationHash(presentation), example.presentation_hash)
    const rebuilt = reconstruct(example.presentation.fields)
    assert.equal(canonical.dumps(rebuilt), canonical.dumps(action))
    assert.equal(await canonical.sha256Text(canonical.canonicalBytes(rebuilt)), example.action_hash)
    assert.deepEqual(fieldsOf(rebuilt), example.presentation.fields)
  })
}

for (const { name, fields } of presentations.not_reconstructable) {
  test(`refused: ${name}`, () => assert.throws(() => reconstruct(fields)))
}

for (const name of ['arrays', 'french', 'structures', 'unicode', 'values', 'weird']) {
  test(`RFC 8785 vector: ${name}`, () => {
    const read = (folder) => readFileSync(new URL(`../vectors/jcs/${folder}/${name}.json`, import.meta.url), 'utf8')
    assert.equal(canonical.dumps(JSON.parse(read('input'))), read('output'))
  })
}

test('numbers and texts without one canonical form are refused', () => {
  for (const value of [2 ** 53, 1e20, NaN, Infinity, '\ud800', { '\udc00': 1 }, undefined, 1n, () => 1]) {
    assert.throws(() => canonical.dumps(value), canonical.CanonicalError)
  }
})

test('only the canonical base64url text is read', () => {
  assert.deepEqual(canonical.unb64u('AP8'), Uint8Array.of(0, 255))
  for (const text of ['AP9', 'AP8=', 'A', 'A+8', 'A/8', 'AP 8']) assert.throws(() => canonical.unb64u(text))
})
