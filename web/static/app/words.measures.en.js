/** The words of numbers about how people answer, in English. */
export const words = {
  'measures.title': 'How you answer: the last {days} days',
  'measures.prompts': { one: 'One question came.', other: '{count} questions came, {busiest} on the busiest day.' },
  'measures.answered': { one: 'One was answered; approved: {rate}.', other: '{count} were answered; approved: {rate}.' },
  'measures.median': 'Half of the answers took less than {seconds} seconds.',
  'measures.busiest_minute': 'In the busiest minute there were {count} answers.',
  'measures.hurried': { one: 'One answer came faster than the question can be read, or in a rush of others.', other: '{count} answers came faster than the questions can be read, or in a rush of others.' },
  'measures.inactive': 'None of them was answered.',
  'measures.others': 'How others answer',
}
