/**
 * Keeps the page's own files, so that it opens without a network and says so. It never keeps an answer of the API, and
 * it decides nothing. The hub puts a line with `self.approvalsHub` before this text. A new version waits until the page
 * says that no card is open.
 */

/// <reference lib="webworker" />

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self))
/** @type {{version: string, files: string[]}} */
const { version, files } = Reflect.get(worker, 'approvalsHub')
const STORE = `approvals-hub-${version}`
const SHELL = '/app/'

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll([SHELL, ...files])))
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(tidyUp())
})

worker.addEventListener('message', (event) => {
  if (event.data === 'activate') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== worker.location.origin) return
  if (request.mode === 'navigate' && pathname.startsWith('/app/')) event.respondWith(shell(request))
  else if (pathname.startsWith('/app/static/')) event.respondWith(file(request))
})

/** Removes what other versions kept, and takes over the open pages. */
async function tidyUp() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)))
  await worker.clients.claim()
}

/**
 * The page itself: from the hub when it answers, else the kept one.
 * @param {Request} request
 */
async function shell(request) {
  try {
    return await fetch(request)
  } catch {
    return (await caches.match(SHELL)) ?? Response.error()
  }
}

/**
 * A versioned file never changes, so the kept one will do.
 * @param {Request} request
 */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request)
}
