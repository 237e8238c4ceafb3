// Writes xwing.json: X-Wing by @noble/post-quantum.
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js';
import { hex, random, sha256, write } from './random.mjs';

const CASES = 12;
const MLKEM_CIPHERTEXT = 1088;

function rejected(cipherText, secretKey, byte, bit) {
  const changed = Uint8Array.from(cipherText);
  changed[byte] ^= 1 << bit;
  return { byte, bit, ss: hex(xwing.decapsulate(changed, secretKey)) };
}

const cases = [];
for (let i = 0; i < CASES; i++) {
  const seed = random(`X-Wing ${i} seed`);
  const eseed = Uint8Array.from([...random(`X-Wing ${i} m`), ...random(`X-Wing ${i} ephemeral`)]);
  const { publicKey, secretKey } = xwing.keygen(seed);
  const { cipherText, sharedSecret } = xwing.encapsulate(publicKey, eseed);
  if (hex(xwing.decapsulate(cipherText, secretKey)) !== hex(sharedSecret)) throw new Error(`case ${i}`);

  // In each half the first byte, the last, and places in between. The highest bit of an X25519 point is not a part of it.
  const inMLKem = i === 0 ? 0 : i === 1 ? MLKEM_CIPHERTEXT - 1 : (i * 977) % MLKEM_CIPHERTEXT;
  const inX25519 = MLKEM_CIPHERTEXT + (i === 0 ? 0 : i === 1 ? 31 : (i * 7) % 31);
  cases.push({
    case: i,
    seed: hex(seed),
    pkSha256: hex(sha256(publicKey)),
    eseed: hex(eseed),
    ct: hex(cipherText),
    ss: hex(sharedSecret),
    flips: [rejected(cipherText, secretKey, inMLKem, i % 8), rejected(cipherText, secretKey, inX25519, i % 7)],
  });
}

write('xwing.json', ['@noble/post-quantum'], cases);
