#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Checks the proof token on standard input without a network:
 *
 *     node verify_proof.mjs --keys keys.json --audience NAME [--action action.json] [--issuer URL]
 *       [--min-acr LEVEL] [--methods NAME,…] [--amr WORD,…] [--auth-ref REFERENCE] < token
 *
 * It writes the claims and ends with status 0, or says why the token proves nothing and ends with 1; with 2 where it
 * was called wrongly. A proof is evidence, never permission.
 */
import { readFileSync } from 'node:fs'
import { exit, stdin } from 'node:process'
import { parseArgs } from 'node:util'

import { BadProof, canonical, loads, verifyProof } from './proof.mjs'

const options = /** @type {const} */ ({
  keys: { type: 'string' },
  audience: { type: 'string' },
  action: { type: 'string' },
  issuer: { type: 'string' },
  'min-acr': { type: 'string' },
  methods: { type: 'string' },
  amr: { type: 'string' },
  'auth-ref': { type: 'string' },
})

try {
  const { values } = parseArgs({ options })
  // An option that a script left empty would ask for nothing.
  for (const [name, value] of Object.entries(values)) if (!value) throw new Error(`--${name} is empty`)
  const { keys, audience, action, issuer } = values
  if (!keys || !audience) throw new Error('--keys and --audience are needed, and the token on standard input')
  const published = loads(readFileSync(keys))
  const lists = { methods: values.methods?.split(','), amr: values.amr?.split(',') }
  const proven = { minAcr: values['min-acr'], authRef: values['auth-ref'], ...lists }
  const wanted = { action: action && loads(readFileSync(action)), issuer, ...proven }
  const token = readFileSync(stdin.fd).toString('latin1').trim()
  console.log(canonical(await verifyProof(token, published, audience, wanted)))
} catch (error) {
  console.error(error instanceof BadProof ? `NOT VALID (${error.reason}): ${error.message}` : String(error))
  exit(error instanceof BadProof ? 1 : 2)
}
