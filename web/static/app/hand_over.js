/**
 * "Not mine: ask somebody else": another of those who are asked is told of the question, and this person no more. Whoever
 * hands over may still answer.
 */

import { ask, isLeft, Problem } from './api.js'
import { fill, h } from './dom.js'
import { icon } from './icons.js'
import { fetchQuestion } from './question.js'
import { sheet } from './sheet.js'
import { t } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {import('./question.js').Answer} Question */
/** @typedef {{person_id: string, name: string}} Candidate */

/**
 * Who was asked by whom, and the way to ask somebody else; `repaint` brings it up to date with the question.
 * @param {Question} question
 * @param {string} person who looks at it: whoever answers in somebody's place has nobody asked instead
 * @param {AbortSignal} signal
 * @param {(now: Question) => Promise<unknown>} heard
 */
export function handOver(question, person, signal, heard) {
  const message = h('p', { class: 'message', role: 'alert' })
  const said = h('div', { tabindex: -1 })
  const button = h('button', { type: 'button', class: 'quiet', onclick: () => void press() }, t('handed.button'))
  const node = h('div', { class: 'hand-over' }, said, button, message)
  const repaint = () => {
    const { handed_by: by, handed_to: to, may_answer: mayAnswer, mine, requirement } = question
    fill(said,
      by === null ? null : h('p', { class: 'notice' }, icon('agent'), h('span', {}, t('handed.by', { name: visible(by).text }))),
      to === null ? null : h('p', { class: 'notice' }, icon('check'), h('span', {}, t('handed.to', { name: visible(to).text }))))
    button.hidden = !mayAnswer || mine !== null || to !== null || requirement.people.length < 2 || !requirement.people.includes(person)
  }
  const path = `/v1/escalations/${encodeURIComponent(question.escalation_id)}/hand-over`
  const press = async () => {
    message.textContent = ''
    try {
      /** @type {Candidate[]} */
      const candidates = (await ask('GET', path, undefined, { signal }))['items']
      const to = await pick(candidates, signal)
      if (to === null) return
      await ask('POST', path, { to })
      await heard(await fetchQuestion(question.escalation_id, signal))
      if (button.hidden) said.focus({ preventScroll: true })
    } catch (error) {
      if (!isLeft(error)) message.textContent = error instanceof Problem && error.status < 500 ? t('handed.refused') : t('push.failed')
    }
  }
  repaint()
  return { node, repaint }
}

/**
 * @param {Candidate[]} candidates
 * @param {AbortSignal} signal
 * @returns {Promise<string | null>}
 */
function pick(candidates, signal) {
  return sheet({ title: t('handed.title'), signal, kind: 'reasons' }, (/** @type {(to: string) => void} */ choose) => {
    if (candidates.length === 0) return [h('p', {}, t('handed.nobody'))]
    let to = ''
    const confirm = h('button', { type: 'button', class: 'primary', disabled: true, onclick: () => choose(to) }, t('handed.confirm'))
    const picked = (/** @type {string} */ id) => {
      to = id
      confirm.disabled = false
    }
    const chips = candidates.map(({ person_id: id, name }) => h('label', { class: 'chip' },
      h('input', { type: 'radio', name: 'hand-over', value: id, onchange: () => picked(id) }), h('span', {}, visible(name).text)))
    return [h('p', {}, t('handed.what')), h('fieldset', {}, h('legend', {}, t('handed.whom')), h('div', { class: 'chips' }, ...chips)), confirm]
  })
}
