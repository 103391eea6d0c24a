/** The words of what an approval must carry beside a signature, in English. */
export const words = {
  'demands.number': 'The {count}-digit number on the asker’s own screen',
  'demands.where': 'It is shown where the request was started. If you see no number, you did not start this: deny it.',
  'demands.reason': 'Why may it happen? (at least 10 characters)',
  'rule.number': 'An approval takes the {count} digits on the asker’s own screen',
  'rule.reason': 'An approval says why',
  'rule.dwell': 'It stays on the screen for {seconds} seconds before an approval is taken',
  'answer.lacks_time': 'Read it first: the hub takes an approval in a moment. Denying waits for nothing.',
  'answer.lacks_number': 'Type the number first. Denying needs none.',
  'answer.lacks_reason': 'Say why first. Denying needs no reason.',
  'answer.number_wrong': {
    one: 'That is not the number. {count} try is left. If you did not start this, deny it.',
    other: 'That is not the number. {count} tries are left. If you did not start this, deny it.',
  },
  'answer.barred': 'Too many wrong numbers came from you: you can still deny, and others can approve.',
  'inbox.repeats': { one: 'asked {count} time more', other: 'asked {count} times more' },
  'receipt.said': 'Your words',
}
