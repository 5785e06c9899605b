// Accent phrases as the API has them: small questions about them, and their kana.

export const devoiced = (mora) => mora.vowel !== "N" && mora.vowel !== mora.vowel.toLowerCase();
export const voiced = (mora) => !devoiced(mora) && mora.vowel !== "cl" && mora.vowel !== "pau";
export const length = (mora) => (mora.consonant_length ?? 0) + mora.vowel_length;
export const hertz = (mora) => Math.exp(mora.pitch);

// Kana with accents: ' behind the mora behind which the pitch falls, _ before one that is devoiced.
export function kana(phrases) {
  return phrases
    .map((phrase, at) => {
      const moras = phrase.moras.map((mora) => (devoiced(mora) ? "_" : "") + mora.text);
      moras.splice(phrase.accent || moras.length, 0, "'");
      const joint = at === phrases.length - 1 ? "" : phrase.pause_mora ? "、" : "/";
      return moras.join("") + (phrase.is_interrogative ? "？" : "") + joint;
    })
    .join("");
}

export const copied = (value) => JSON.parse(JSON.stringify(value));
