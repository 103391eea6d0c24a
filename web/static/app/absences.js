/**
 * When this person is away, where that was said: to see who said it, and to end it.
 */

import { ask } from './api.js'
import { fill, h } from './dom.js'
import { icon } from './icons.js'
import { t, when } from './words.js'

/** @typedef {{absence_id: string, person_id: string, from: string, until: string, delegate: string | null, recorded_by: string}} Absence */

/**
 * The section; hidden while there is nothing in it. Ending an absence takes back what was answered in its person's place.
 * @param {AbortSignal} signal
 * @param {(work: () => Promise<unknown>) => Promise<void>} attempt does something, says where it failed, and loads anew
 */
export function absenceList(signal, attempt) {
  const rows = h('ul', { class: 'rows' })
  const node = h('section', { class: 'absences', hidden: true }, h('h2', {}, t('away.title')), h('p', { class: 'quiet-text' }, t('away.what')), rows)
  /** @param {Absence} absence */
  const row = (absence) => h('li', {}, icon('person'),
    h('span', { class: 'row-main' },
      h('span', {}, t('away.span', { from: when(absence.from), until: when(absence.until) })),
      absence.delegate ? h('span', { class: 'quiet-text' }, t('away.delegate')) : null,
      absence.recorded_by === absence.person_id ? null : h('span', { class: 'tag' }, t('away.by_other'))),
    h('button', { type: 'button', class: 'secondary', onclick: () => void attempt(() => ask('DELETE', `/v1/absences/${absence.absence_id}`)) }, t('away.end')))
  const load = async () => {
    const { items } = await ask('GET', '/v1/absences', undefined, { signal })
    fill(rows, ...items.map(row))
    node.hidden = items.length === 0
  }
  return { node, load }
}
