/** The words of numbers about how people answer, in Swedish. */
export const words = {
  'measures.title': 'Så svarar du: de senaste {days} dagarna',
  'measures.prompts': { one: 'En fråga kom.', other: '{count} frågor kom, {busiest} på den dag då det kom flest.' },
  'measures.answered': { one: 'En besvarades; godkänt: {rate}.', other: '{count} besvarades; godkänt: {rate}.' },
  'measures.median': 'Hälften av svaren tog mindre än {seconds} sekunder.',
  'measures.busiest_minute': 'Under den tätaste minuten kom {count} svar.',
  'measures.hurried': { one: 'Ett svar kom snabbare än frågan går att läsa, eller i en svit av andra.', other: '{count} svar kom snabbare än frågorna går att läsa, eller i en svit av andra.' },
  'measures.inactive': 'Ingen av dem besvarades.',
  'measures.others': 'Så svarar andra',
}
