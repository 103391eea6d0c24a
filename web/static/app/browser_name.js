/**
 * What people call the thing in their hand, as far as a browser tells.
 */

import { t } from './words.js'

/** @type {[string, string][]} in the order in which they are looked for: each also names those below it */
const BROWSERS = [['Edg', 'Edge'], ['OPR', 'Opera'], ['SamsungBrowser', 'Samsung Internet'], ['Firefox', 'Firefox'],
  ['Chrome', 'Chrome'], ['Safari', 'Safari']]
/** @type {[string, string][]} */
const PLATFORMS = [['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Android', 'Android'], ['Mac OS', 'Mac'],
  ['Windows', 'Windows'], ['CrOS', 'ChromeOS'], ['Linux', 'Linux']]

/**
 * "Firefox on Android".
 * @param {string} agent a User-Agent text
 */
export function browserName(agent) {
  return t('device.named', { browser: first(BROWSERS, agent) ?? 'Browser', platform: platformName(agent) })
}

/**
 * "Android".
 * @param {string} agent a User-Agent text
 */
export function platformName(agent) {
  return first(PLATFORMS, agent) ?? 'Web'
}

/** @param {[string, string][]} known @param {string} agent */
function first(known, agent) {
  return known.find(([mark]) => agent.includes(mark))?.[1]
}
