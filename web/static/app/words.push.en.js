/** The words of notifications and of cards that change while they are open, in English. */
export const words = {
  'card.moved': 'It can be answered until {time}.',

  'push.title': 'Notifications',
  'push.switch': 'Notifications on this device',
  'push_is.off': 'This device tells you at once when somebody asks you, also while this page is closed. It says who asks, for which organisation, and how risky it is; what it is about is shown only when you open it. Your browser will ask whether you allow it.',
  'push_is.on': 'This device tells you when somebody asks you: who asks, and how risky it is. What it is about is shown only when you open it.',
  'push_is.blocked': 'Your browser blocks notifications of this page. Allow them in its settings for this site (beside the address, or in the settings of your phone), then come back.',
  'push_is.unsupported': 'This browser cannot show notifications of pages. You find what waits for you in the inbox.',
  'push_is.unlinked': 'Link this device first: notifications go to devices that hold a key of yours.',
  'push_is.install': 'On iPhone and iPad, pages can tell you something only from the home screen:',
  'push.step_share': 'In Safari, tap Share (the square with the arrow).',
  'push.step_add': 'Choose “Add to Home Screen”.',
  'push.step_open': 'Open Approvals from there, sign in, and turn notifications on under Devices.',
  'push.no_service': 'Your browser’s push service does not answer. Try again later. Until then, you find what waits in the inbox.',
  'push.failed': 'That did not reach the hub. Try again.',
  'push.offer': 'Be told on this device',
  'push.offer_on': 'Turn on notifications',
  'push.offer_away': 'Not now',
  'push.not_now': 'Notifications stay off. You can turn them on under Devices.',
  'push.done': 'This device tells you from now on when somebody asks you.',
}
