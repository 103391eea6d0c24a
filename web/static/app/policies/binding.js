/**
 * For which agents a policy holds: every one, a team of them, or one alone; and where it stands among others.
 */

import { fill, h } from '../dom.js'
import { t, tOr } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {{tier: 'owner' | 'group' | 'agent', bound_to: string | null, rank: number}} Binding */

const TIERS = /** @type {const} */ (['owner', 'group', 'agent'])

/**
 * In words.
 * @param {Binding} binding
 * @param {Map<string, string>} [agents] names by id
 */
export function bindingWords({ tier, bound_to: to }, agents = new Map()) {
  const name = visible(agents.get(to ?? '') ?? to ?? '').text
  return t(`policy_for.${tier}`, { name })
}

/**
 * @param {Binding} binding
 * @param {boolean} readOnly
 * @param {() => void} onChange
 */
export function bindingFields(binding, readOnly, onChange) {
  const tier = h('select', { id: 'policy-tier', disabled: readOnly, onchange: () => changed() },
    ...TIERS.map((each) => h('option', { value: each, selected: each === binding.tier }, tOr('policy_tier', each))))
  const team = h('input', { id: 'policy-team', type: 'text', disabled: readOnly, maxlength: 63, autocapitalize: 'off', spellcheck: 'false', value: binding.tier === 'group' ? binding.bound_to : '', oninput: () => onChange() })
  const agent = h('select', { id: 'policy-agent', disabled: readOnly, onchange: () => onChange() })
  const rank = h('input', { id: 'policy-rank', type: 'text', inputmode: 'numeric', disabled: readOnly, maxlength: 7, value: binding.rank, oninput: () => onChange() })
  const teamField = h('div', {}, h('label', { for: 'policy-team' }, t('policies.team')), team)
  const agentField = h('div', {}, h('label', { for: 'policy-agent' }, t('policies.agent')), agent)
  const show = () => {
    teamField.hidden = tier.value !== 'group'
    agentField.hidden = tier.value !== 'agent'
  }
  const changed = () => {
    show()
    onChange()
  }
  show()
  return {
    node: h('fieldset', { class: 'binding' }, h('legend', {}, t('policies.holds_for')),
      h('div', {}, h('label', { for: 'policy-tier' }, t('policies.which_agents')), tier), teamField, agentField,
      h('div', {}, h('label', { for: 'policy-rank' }, t('policies.rank')), rank, h('p', { class: 'quiet-text' }, t('policies.rank_hint')))),
    /** @param {{agent_id: string, name: string}[]} found */
    agents(found) {
      fill(agent, ...found.map((each) => h('option', { value: each.agent_id, selected: each.agent_id === binding.bound_to }, visible(each.name).text)))
      if (binding.tier === 'agent' && binding.bound_to && !found.some((each) => each.agent_id === binding.bound_to)) {
        agent.append(h('option', { value: binding.bound_to, selected: true }, visible(binding.bound_to).text))
      }
    },
    /** What is written there; what can be none is refused by the hub, in its words. @returns {Binding} */
    value() {
      const kind = /** @type {Binding['tier']} */ (tier.value)
      const to = kind === 'group' ? team.value.trim() : kind === 'agent' ? agent.value : null
      return { tier: kind, bound_to: to || null, rank: /^\d{1,7}$/.test(rank.value.trim()) ? Number(rank.value) : -1 }
    },
  }
}
