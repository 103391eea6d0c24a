/** The words of notifications and of cards that change while they are open, in Swedish. */
export const words = {
  'card.moved': 'Den kan besvaras till {time}.',

  'push.title': 'Aviseringar',
  'push.switch': 'Aviseringar på den här enheten',
  'push_is.off': 'Enheten säger till direkt när någon frågar dig, även när sidan är stängd. Den säger vem som frågar, för vilken organisation och hur riskabelt det är; vad det gäller visas först när du öppnar. Webbläsaren kommer att fråga om du tillåter det.',
  'push_is.on': 'Den här enheten säger till när någon frågar dig: vem som frågar och hur riskabelt det är. Vad det gäller visas först när du öppnar.',
  'push_is.blocked': 'Webbläsaren blockerar aviseringar från den här sidan. Tillåt dem i inställningarna för webbplatsen (vid adressen, eller i telefonens inställningar) och kom sedan tillbaka.',
  'push_is.unsupported': 'Den här webbläsaren kan inte visa aviseringar från sidor. Det som väntar på dig finns i inkorgen.',
  'push_is.unlinked': 'Koppla enheten först: aviseringar går till enheter som har en nyckel som är din.',
  'push_is.install': 'På iPhone och iPad kan sidor bara säga till från hemskärmen:',
  'push.step_share': 'Tryck på Dela i Safari (fyrkanten med pilen).',
  'push.step_add': 'Välj ”Lägg till på hemskärmen”.',
  'push.step_open': 'Öppna Approvals därifrån, logga in och slå på aviseringar under Enheter.',
  'push.no_service': 'Webbläsarens pushtjänst svarar inte. Försök igen senare. Det som väntar finns så länge i inkorgen.',
  'push.failed': 'Det nådde inte hubben. Försök igen.',
  'push.offer': 'Få besked på den här enheten',
  'push.offer_on': 'Slå på aviseringar',
  'push.offer_away': 'Inte nu',
  'push.not_now': 'Aviseringarna förblir avslagna. Du kan slå på dem under Enheter.',
  'push.done': 'Från och med nu säger den här enheten till när någon frågar dig.',
}
