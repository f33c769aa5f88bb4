// Text from elsewhere made harmless for a terminal: it can move no cursor, change no colour and reverse no letters.

// Cc: control characters, C1 included. The others reorder or hide text (UAX #9 explicit formatting, zero width characters).
const harmful = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** JSON with every such character written as JSON escapes it: the same value, and no less JSON. */
export function plainJson(json: string): string {
  // Strings in JSON hold no line feed as such: those that are there lay it out.
  return json.replace(harmful, (character) =>
    character === '\n' ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** The text with every such character shown as `\u{…}`. */
export function plain(text: string): string {
  return text.replace(harmful, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
