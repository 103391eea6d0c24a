/** The words of what an approval must carry beside a signature, in Swedish. */
export const words = {
  'demands.number': 'Numret med {count} siffror på frågarens egen skärm',
  'demands.where': 'Det visas där begäran startades. Ser du inget nummer startade du inte detta: neka.',
  'demands.reason': 'Varför får det ske? (minst 10 tecken)',
  'rule.number': 'Ett godkännande kräver de {count} siffrorna på frågarens egen skärm',
  'rule.reason': 'Ett godkännande motiveras',
  'rule.dwell': 'Frågan visas i {seconds} sekunder innan ett godkännande tas emot',
  'answer.lacks_time': 'Läs först: om en stund går det att godkänna. Att neka går genast.',
  'answer.lacks_number': 'Skriv numret först. Att neka kräver inget.',
  'answer.lacks_reason': 'Motivera först. Att neka kräver ingen motivering.',
  'answer.number_wrong': {
    one: 'Det är inte numret. {count} försök kvar. Startade du inte detta, neka.',
    other: 'Det är inte numret. {count} försök kvar. Startade du inte detta, neka.',
  },
  'answer.barred': 'Du har skrivit för många felaktiga nummer: du kan fortfarande neka, och andra kan godkänna.',
  'inbox.repeats': { one: 'frågad {count} gång till', other: 'frågad {count} gånger till' },
  'receipt.said': 'Dina ord',
}
