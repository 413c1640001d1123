/** Names that nobody guesses. */

/** Return 128 random bits in hexadecimal; `crypto.randomUUID` is missing on http beyond localhost. */
export function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
