/**
 * For whom somebody answers: people who were asked, and are away.
 */

import { h } from './dom.js'
import { icon } from './icons.js'
import { t, when } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {import('./question.js').StoodIn} StoodIn */

/** Their names, in one line. @param {StoodIn[]} people */
export function namesOf(people) {
  return people.map(({ name }) => visible(name).text).join(', ')
}

/** The same, each with the end of the absence. @param {StoodIn[]} people */
export function awayUntil(people) {
  return people.map(({ name, until }) => t('stands_in.until', { name: visible(name).text, time: when(until) })).join('; ')
}

/** The same as a sentence to who answers for them. @param {StoodIn[]} people */
export function insteadOf(people) {
  return t('card.stands_in', { names: awayUntil(people) })
}

/**
 * What a card says above everything else, nothing to somebody who answers for themselves alone; `repaint` brings it up to
 * date with the question.
 * @param {{stands_in: StoodIn[]}} question
 */
export function standsInNotice(question) {
  const words = h('span')
  const node = h('p', { class: 'notice stands-in', role: 'note' }, icon('person'), words)
  const repaint = () => {
    node.hidden = question.stands_in.length === 0
    words.textContent = insteadOf(question.stands_in)
  }
  repaint()
  return { node, repaint }
}
