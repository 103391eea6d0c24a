/**
 * What the hub wrote down about an answer.
 */

import { h } from './dom.js'
import { awayUntil } from './stands_in.js'
import { CATALOGUE, t, tOr, when } from './words.js'

/** @typedef {import('./question.js').Receipt} Receipt */

/** @param {Receipt} receipt */
export function receiptList(receipt) {
  /** @type {[import('./words.js').Key, string, boolean][]} */
  const rows = [
    ['receipt.decision', tOr('mine', receipt.decision), false],
    ['receipt.at', when(receipt.at), false],
    ['receipt.strength', receipt.methods.map((method) => tOr('method', method)).join(' + '), false],
    ['receipt.level', tOr('level', receipt.acr), false],
    ['receipt.id', receipt.decision_id, true],
    ['receipt.key', short(receipt.key_hash), true],
    ['receipt.action', short(receipt.action_hash), true],
    ['receipt.statement', short(receipt.statement_hash), true],
    ['receipt.words', CATALOGUE, true],
  ]
  if (receipt.stands_in.length > 0) rows.splice(1, 0, ['receipt.stands_in', awayUntil(receipt.stands_in), false])
  if (receipt.reason_code) rows.splice(1, 0, ['receipt.reason', tOr('reason', receipt.reason_code), false])
  if (receipt.reason) rows.splice(1, 0, ['receipt.said', receipt.reason, false])
  return h('dl', { class: 'fields' }, ...rows.map(([key, value, exact]) =>
    h('div', { class: 'field' }, h('dt', {}, t(key)), h('dd', {}, exact ? h('code', {}, value) : value))))
}

/** The beginning of a hash: enough to compare by eye. @param {string} hash */
function short(hash) {
  return hash.replace('sha256:', '').slice(0, 16)
}
