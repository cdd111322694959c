/**
 * The same function, which remembers its answers: for functions that are called with the same few arguments again and again. Keeps no more than
 * `most`, and begins anew when there are more. An answer must depend on the text alone.
 */
export function remembered<Answer>(answer: (text: string) => Answer, most = 10_000): (text: string) => Answer {
  const known = new Map<string, { answer: Answer }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.answer;
    if (known.size >= most) known.clear();
    const made = { answer: answer(text) };
    known.set(text, made);
    return made.answer;
  };
}
