// Finds the number that answers a question of ALTCHA, version 2: PBKDF2 of the question and the number starts as asked.
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const answer = async (question) => {
  const nonce = bytes(question.nonce);
  const recipe = { name: "PBKDF2", hash: "SHA-256", salt: bytes(question.salt), iterations: question.cost };
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  for (let counter = 0; ; counter += 1) {
    new DataView(password.buffer).setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(recipe, key, question.keyLength * 8));
    if (derivedKey.startsWith(question.keyPrefix)) return { counter, derivedKey };
  }
};

// Nothing: this browser cannot.
self.addEventListener("message", async ({ data }) => self.postMessage(await answer(data).catch(() => null)));
