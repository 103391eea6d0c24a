/**
 * Notifications that have had their day: of questions that are over, and of the one that is on the screen. Some browsers
 * replace none by a later one, so they are taken away when the page is open. The worker does it: a browser that is asked
 * what is shown while it is about to show something may forget that.
 */

/** @typedef {import('../feed.js').Card} Card */

/** What was there for the last version of the inbox. */
let looked = ''
/** What waited for this person at any time since the page opened. @type {Set<string>} */
const waited = new Set()

/**
 * Takes away what asks for an answer that nobody needs any more.
 * @param {Card[]} cards what waits for this person, as it was heard just now
 * @param {number} askedAt milliseconds of this device's clock when that was asked for
 */
export function takeAwayEnded(cards, askedAt) {
  const open = cards.filter(({ answered }) => !answered).map(({ escalation_id: id }) => id)
  if (open.join() === looked) return
  looked = open.join()
  const over = [...waited].filter((id) => !open.includes(id))
  for (const id of open) waited.add(id)
  const hadTheirDay = { open, over, heard: askedAt }
  void takeAway(hadTheirDay, ({ tag, data }) => data?.asks === true && tag.startsWith('esc_') && !open.includes(tag))
}

/**
 * Takes away what is said about a question that its person is looking at.
 * @param {string} escalationId
 */
export function takeAwayOf(escalationId) {
  void takeAway({ seen: escalationId }, ({ tag }) => tag === escalationId)
}

/**
 * @param {{seen?: string, open?: string[], over?: string[], heard?: number}} hadTheirDay
 * @param {(shown: Notification) => boolean} had the same, for a browser that shows what is pushed without a worker
 */
async function takeAway(hadTheirDay, had) {
  try {
    const registration = await navigator.serviceWorker?.getRegistration('/app/')
    if (registration?.active) return registration.active.postMessage({ hadTheirDay })
    for (const shown of (await registration?.getNotifications?.()) ?? []) if (had(shown)) shown.close()
  } catch {
    // What cannot be read stays until its person takes it away.
  }
}
