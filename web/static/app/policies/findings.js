/**
 * What the hub says of a text while it is written: every place that is wrong, what is worth a look, what would change.
 */

import { ask, isLeft, Problem } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { t } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {{line: number, column: number, field: string | null, detail: string}} Fault */
/** @typedef {{code: string, detail: string, line: number, rule_id: string | null}} Warned */
/** @typedef {{allowed: string[], asked: string[], refused: string[], other: string[]}} Difference */
/** @typedef {{errors: Fault[], warnings: Warned[], refused: {detail: string, next_step: string} | null, difference: Difference | null}} Linted */
/** @typedef {import('./editor.js').Editor} Editor */

/** How long after the last key the hub is asked, in milliseconds. */
const PAUSE = 350
const PARTS = /** @type {const} */ (['allowed', 'asked', 'refused', 'other'])

/**
 * @param {{path: () => string, body: () => Record<string, unknown>, editor: () => Editor, signal: AbortSignal,
 *   onLinted: (linted: Linted | null) => void}} options
 */
export function findings({ path, body, editor, signal, onLinted }) {
  const status = h('p', { id: 'policy-status', class: 'policy-status', role: 'status' })
  const list = h('ul', { class: 'findings' })
  const changes = h('div', { class: 'changes' })
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let turn = new AbortController()
  const look = async () => {
    turn.abort()
    turn = new AbortController()
    const stop = AbortSignal.any([signal, turn.signal])
    try {
      const linted = /** @type {Linted} */ (await ask('POST', `${path()}/lint`, body(), { signal: stop }))
      if (stop.aborted) return
      paint(linted)
      onLinted(linted)
    } catch (error) {
      if (isLeft(error) || stop.aborted) return
      fill(list)
      fill(changes)
      editor().mark(new Map())
      say('high', error instanceof Problem ? error.message : t('policies.lint_unreachable'))
      onLinted(null)
    }
  }
  /** @param {import('../icons.js').Icon} sign @param {string} words */
  const say = (sign, words) => fill(status, icon(sign), h('span', {}, words))
  /** @param {Linted} linted */
  const paint = ({ errors, warnings, refused, difference }) => {
    const marks = new Map(/** @type {[number, 'wrong' | 'look'][]} */ ([
      ...warnings.map(({ line }) => [line, 'look']), ...errors.map(({ line }) => [line, 'wrong'])]))
    editor().mark(marks)
    if (errors.length > 0) say('cross', t('policies.wrong', { count: errors.length }))
    else if (refused) say('high', t('policies.refused'))
    else say('check', warnings.length > 0 ? t('policies.right_but', { count: warnings.length }) : t('policies.right'))
    fill(list,
      ...errors.map(({ line, column, detail }) => place('wrong', line, column, detail.replace(/^line \d+, column \d+: /, ''))),
      refused ? h('li', { class: 'wrong' }, icon('cross'), h('p', { lang: 'en' }, `${visible(refused.detail).text} ${refused.next_step}`)) : null,
      ...warnings.map(({ line, detail }) => place('look', line, 1, detail)))
    fill(changes, difference ? differenceNode(difference) : h('p', { class: 'quiet-text' }, t('policies.changes_later')))
  }
  /** @param {'wrong' | 'look'} kind @param {number} line @param {number} column @param {string} detail */
  const place = (kind, line, column, detail) => h('li', { class: kind }, icon(kind === 'wrong' ? 'cross' : 'high'),
    h('div', {},
      h('button', { type: 'button', class: 'quiet place-button', onclick: () => editor().goTo(line, column) }, t('policies.place', { line, column })),
      h('p', { lang: 'en' }, visible(detail).text)))
  signal.addEventListener('abort', () => clearTimeout(timer))
  return {
    node: h('section', { class: 'policy-findings' }, status, list),
    changes,
    look,
    soon() {
      // What is still asked is about a text that stands there no more: its answer would show another difference than is published.
      turn.abort()
      clearTimeout(timer)
      timer = setTimeout(() => void look(), PAUSE)
    },
  }
}

/**
 * What a text changes, in the hub's own words.
 * @param {Difference} difference
 */
export function differenceNode(difference) {
  const parts = PARTS.filter((name) => difference[name].length > 0)
  if (parts.length === 0) return h('p', { class: 'quiet-text' }, t('policies.no_change'))
  return h('dl', { class: 'difference' }, ...parts.flatMap((name) => [
    h('dt', {}, t(`policy_change.${name}`)),
    ...difference[name].map((line) => h('dd', { lang: 'en' }, visible(line).text))]))
}
