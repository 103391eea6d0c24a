/**
 * Takes the place of the service worker where the settings say that there shall be none: it gives back what the other
 * one kept, and unregisters itself.
 */

/// <reference lib="webworker" />

const ending = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self))

ending.addEventListener('install', () => void ending.skipWaiting())
ending.addEventListener('activate', (event) => event.waitUntil(leave()))

async function leave() {
  const names = await caches.keys()
  await Promise.all(names.map((name) => caches.delete(name)))
  await ending.registration.unregister()
}
