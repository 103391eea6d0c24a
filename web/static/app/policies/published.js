/** Who put a version in force, and when. */

import { h } from '../dom.js'
import { t, when } from '../words.js'
import { visible } from '../../shared/visible.js'

/** The operator of the hub, who is no member. */
const OPERATOR = 'operator'

/** @param {{published_at: string, published_by: string, published_by_name: string | null, source: string | null}} version */
export function publishedBy({ published_at: at, published_by: by, published_by_name: name, source }) {
  return h('span', { class: 'quiet-text' }, h('time', { datetime: at }, when(at)), ' · ', whoDid(by, name),
    source ? ` · ${visible(source).text}` : null)
}

/**
 * Of whom the hub tells no name, they are not here any more.
 * @param {string} id
 * @param {string | null} name
 */
export function whoDid(id, name) {
  if (id === OPERATOR) return t('policies.by_operator')
  if (name === null) return t('policies.by_gone')
  return t(id.startsWith('agt_') ? 'policies.by_agent' : 'policies.by', { name: visible(name).text })
}
