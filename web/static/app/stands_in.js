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

/**
 * What a card says above everything else; null for somebody who answers for themselves alone.
 * @param {StoodIn[]} people
 */
export function standsInNotice(people) {
  return people.length === 0 ? null : h('p', { class: 'notice stands-in', role: 'note' }, icon('person'),
    h('span', {}, t('card.stands_in', { names: awayUntil(people) })))
}
