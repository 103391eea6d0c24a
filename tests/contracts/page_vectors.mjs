// The page's half of the vectors that every language runs: node --test tests/contracts/page_vectors.mjs
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { runInThisContext } from 'node:vm'

import { ask, Problem } from '../../web/static/app/api.js'
import * as canonical from '../../web/static/shared/canonical.js'
import { fieldsOf, present, presentationHash, reconstruct } from '../../web/static/shared/presentation.js'
import * as statements from '../../web/static/shared/statement.js'
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

const signed = vectors('approvals_hub/statement')

signed.signed.forEach((example, index) => {
  test(`statement ${index}: bytes, challenge and hash`, async () => {
    const { statement } = example
    assert.equal(canonical.dumps(statement), example.statement_jcs)
    assert.deepEqual(Object.keys(statement).sort(), [...statements.STATEMENT_MEMBERS].sort())
    assert.equal(canonical.b64u(statements.signedBytes(statement)), example.signed_bytes)
    assert.equal(canonical.b64u(await statements.passkeyChallenge(statement)), example.passkey_challenge)
    assert.equal(await statements.intentHash(statement), example.intent_hash)
  })

  test(`statement ${index}: the signatures of both kinds of device keys verify`, async () => {
    const data = statements.signedBytes(example.statement)
    for (const [name, algorithm] of [
      ['ed25519', { name: 'Ed25519' }],
      ['es256', { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }],
    ]) {
      const key = await crypto.subtle.importKey('jwk', signed[name].jwk, algorithm, true, ['verify'])
      const signature = canonical.unb64u(example[`${name}_signature`])
      assert.ok(await crypto.subtle.verify(algorithm, key, signature, data), name)
    }
  })
})

test('thumbprints, reasons and the texts of enrolment and sign-in', async () => {
  for (const name of ['ed25519', 'es256']) assert.equal(await statements.thumbprint(signed[name].jwk), signed[name].thumbprint)
  const { text, salt, commitment } = signed.reason
  assert.equal(await statements.reasonCommitment(text, canonical.unb64u(salt)), commitment)
  const bytes = {
    enrol: statements.enrolBytes, further_key: statements.furtherKeyBytes, sign_in: statements.signInBytes, seal_key: statements.sealKeyBytes,
  }
  for (const [name, make] of Object.entries(bytes)) {
    assert.equal(canonical.b64u(make(signed.other[name].members)), signed.other[name].bytes, name)
  }
})

test('HPKE of RFC 9180: the worker opens what is sealed to its key, and nothing that was changed or is for another', async () => {
  runInThisContext(readFileSync(new URL('../../web/static/app/sealed.sw.js', import.meta.url), 'utf8'))
  const octets = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const vector = Object.fromEntries(Object.entries(vectors('hpke/x25519_aes256gcm')).map(([name, value]) => [name, typeof value === 'string' ? octets(value) : value]))
  const jwk = { kty: 'OKP', crv: 'X25519', d: canonical.b64u(vector.skRm), x: canonical.b64u(vector.pkRm) }
  const privateKey = await crypto.subtle.importKey('jwk', jwk, { name: 'X25519' }, false, ['deriveBits'])
  const key = { privateKey, publicKey: vector.pkRm }
  const sealed = Uint8Array.of(...vector.enc, ...vector.ct)
  const { openHpke } = globalThis
  assert.deepEqual(await openHpke(key, sealed, vector.info, vector.aad), vector.pt)
  const changed = (at) => sealed.map((octet, index) => (index === at ? octet ^ 1 : octet))
  for (const at of [0, 31, 32, sealed.length - 1]) await assert.rejects(openHpke(key, changed(at), vector.info, vector.aad))
  await assert.rejects(openHpke(key, sealed, octets('00'), vector.aad))
  await assert.rejects(openHpke(key, sealed, vector.info, octets('')))
  await assert.rejects(openHpke(key, Uint8Array.of(...octets('00'.repeat(32)), ...vector.ct), vector.info, vector.aad))
})

/** What the page's `ask` makes of a server that gives these answers one after the other, and how often it was asked. */
async function asked(...answers) {
  let count = 0
  const server = createServer((_, response) => {
    const [status, body] = answers[count++] ?? answers.at(-1)
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body))
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const plain = globalThis.fetch
  // A page's paths are those of its own origin.
  globalThis.fetch = (path, init) => plain(`http://127.0.0.1:${server.address().port}${path}`, init)
  try {
    return { answer: await ask('POST', '/v1/challenges', { purpose: 'fresh' }).catch((error) => error), count }
  } finally {
    globalThis.fetch = plain
    server.close()
  }
}

const RENEWED = [401, { code: 'session_renewed' }]

test('a request that crossed a step-up is sent once more, with the cookie that it brought', async () => {
  const { answer, count } = await asked(RENEWED, [200, { challenge_id: 'chl_1' }])
  assert.deepEqual([answer, count], [{ challenge_id: 'chl_1' }, 2])
})

test('a request that is refused again, or for anything else, is not sent for ever', async () => {
  for (const [answers, times] of [[[RENEWED], 2], [[[401, { code: 'session_unknown' }]], 1]]) {
    const { answer, count } = await asked(...answers)
    assert.ok(answer instanceof Problem)
    assert.equal(count, times)
  }
})
