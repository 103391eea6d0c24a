/**
 * The second part of the service worker: what stands on the lock screen, and in which order that is changed.
 */

/** @typedef {{telling: string | null, path: string, asks: boolean}} About what a notification carries with it */
/** @typedef {{words: string, escalation_id: string, telling_id: string}} Seal words for this browser alone */
/** @typedef {{title: string, body: string, tag: string, lang: string, about: About, buttons?: {action: string, title: string}[], seal?: Seal | null}} Told */
/**
 * @typedef {object} HadTheirDay what the page says of notifications that nobody needs any more
 * @property {string} [seen] the question that its person is looking at
 * @property {string[]} [open] the questions that still wait for this person; others are over
 * @property {string[]} [over] questions that waited since the page opened, and do not any more
 * @property {number} [heard] milliseconds of this device's clock when the page asked for `open`
 */

/** @type {Promise<unknown>} */
let showing = Promise.resolve()

/**
 * Does what shows notifications, or asks which are shown, after all that was begun before. Chromium forgets what it is
 * about to show when it is asked what is shown: nobody else may ask, not the page either.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn(work) {
  const done = showing.then(work)
  showing = done.catch(() => undefined)
  return done
}

/**
 * One notification for one question: the newer takes the older one's place. A question that is over is not brought back
 * by what was under way for longer.
 * @param {Told} told @returns {Promise<boolean>}
 */
async function show(told) {
  const { registration } = worker
  const { tag } = told
  const before = await registration.getNotifications({ tag })
  const over = told.about.asks ? before.find(({ data }) => data?.asks === false) : undefined
  const again = over !== undefined || before.some(({ data }) => data?.telling === told.about.telling)
  const icon = files.find((name) => name.endsWith('/app/icon-192.png'))
  const options = {
    body: over?.body ?? told.body,
    tag,
    lang: over?.lang ?? told.lang,
    dir: /** @type {const} */ ('auto'),
    // Whoever is told the same a second time, or that there is nothing to do, need not be disturbed.
    renotify: told.about.asks && !again,
    data: over?.data ?? { ...told.about, at: Date.now() },
    // What is over is not denied any more.
    actions: !over && told.buttons?.length ? told.buttons : [{ action: 'open', title: wordsOf(told.lang || navigator.language).open }],
    ...(icon ? { icon } : {}),
  }
  await registration.showNotification(over?.title ?? told.title, options)
  // Safari takes no notice of a tag: what came before is taken away by hand.
  const shown = await registration.getNotifications({ tag })
  if (shown.length > 1) for (const one of shown) if (one.data?.telling !== options.data.telling) one.close()
  return true
}

/**
 * Takes away what has had its day.
 * @param {HadTheirDay} about
 */
async function takeAway({ seen, open, over = [], heard = 0 }) {
  for (const shown of await worker.registration.getNotifications()) {
    const { tag, data } = shown
    // What came after the page asked what waits may be about something newer than the answer.
    const isMissing = open !== undefined && data?.at <= heard && tag.startsWith('esc_') && !open.includes(tag)
    if (tag === seen || (data?.asks === true && (isMissing || over.includes(tag)))) shown.close()
  }
}
