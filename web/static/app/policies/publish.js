/**
 * Puts the text in the editor in force, or asks the second person that it takes; and takes a policy out of force.
 */

import { ask, isLeft, Problem, Unreachable } from '../api.js'
import { NoSigner } from '../decision.js'
import { h } from '../dom.js'
import { freshFactor } from '../fresh.js'
import { sheet } from '../sheet.js'
import { t } from '../words.js'
import { bindingWords } from './binding.js'
import { differenceNode } from './findings.js'

/** @typedef {import('./binding.js').Binding} Binding */
/** @typedef {import('./findings.js').Difference} Difference */
/** @typedef {{draft_id: string, escalation_id: string | null}} Draft */
/**
 * @typedef {{kind: 'in_force', policy: Record<string, any>} | {kind: 'asked', draft: Draft}
 *   | {kind: 'changed', version: number} | {kind: 'refused', words: string} | {kind: 'left'}} Outcome
 */

/**
 * Shows what would change, and publishes once the person says so with a fresh factor.
 * @param {{path: string, text: string, version: number, binding: Binding, difference: Difference | null, takesTwo: boolean,
 *   agents: Map<string, string>, signal: AbortSignal}} options
 * @returns {Promise<Outcome>}
 */
export async function publish({ path, text, version, binding, difference, takesTwo, agents, signal }) {
  const sure = await sheet({ title: t('policies.publish_title'), signal }, (choose) => [
    h('p', {}, bindingWords(binding, agents)),
    difference ? differenceNode(difference) : h('p', { class: 'quiet-text' }, t('policies.no_change')),
    h('p', { class: 'quiet-text' }, takesTwo ? t('policies.takes_two') : t('policies.at_once')),
    h('button', { type: 'button', class: 'primary', onclick: () => choose(true) }, takesTwo ? t('policies.ask_second') : t('policies.publish'))])
  if (!sure) return { kind: 'left' }
  return send('PUT', path, { yaml: text, version, binding })
}

/**
 * Takes it out of force, in the same way.
 * @param {{path: string, version: number, takesTwo: boolean, signal: AbortSignal}} options
 * @returns {Promise<Outcome>}
 */
export async function takeOut({ path, version, takesTwo, signal }) {
  const sure = await sheet({ title: t('policies.remove_title'), signal }, (choose) => [
    h('p', {}, t('policies.remove_what')),
    h('p', { class: 'quiet-text' }, takesTwo ? t('policies.takes_two') : t('policies.at_once')),
    h('button', { type: 'button', class: 'deny plain', onclick: () => choose(true) }, takesTwo ? t('policies.ask_second') : t('policies.remove'))])
  if (!sure) return { kind: 'left' }
  return send('DELETE', path, { version })
}

/** @param {string} method @param {string} path @param {Record<string, unknown>} body @returns {Promise<Outcome>} */
async function send(method, path, body) {
  try {
    const answer = await ask(method, path, { ...body, fresh: await freshFactor() })
    if ('draft_id' in answer) return { kind: 'asked', draft: /** @type {Draft} */ (answer) }
    return { kind: 'in_force', policy: answer }
  } catch (error) {
    if (isLeft(error)) return { kind: 'left' }
    if (error instanceof Problem && error.code === 'version_changed') return { kind: 'changed', version: Number(error.body['version']) }
    if (error instanceof Problem) return { kind: 'refused', words: `${error.message} ${error.nextStep}` }
    if (error instanceof Unreachable) return { kind: 'refused', words: t('policies.unreachable') }
    if (error instanceof NoSigner) return { kind: 'refused', words: t('policies.no_key') }
    return { kind: 'refused', words: t('policies.not_proven') }
  }
}
