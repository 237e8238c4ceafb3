// Writes mlkem.json: ML-KEM by @noble/post-quantum. The same bytes on every run: what ought to be random is SHA-256 of a label.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';

const CASES = 12;
const sets = { 'ML-KEM-512': ml_kem512, 'ML-KEM-768': ml_kem768, 'ML-KEM-1024': ml_kem1024 };

const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest());
const random = (label) => sha256(`ronkms vectors: ${label}`);
const hex = (bytes) => Buffer.from(bytes).toString('hex');

function flip(bytes, index, bit) {
  const changed = Uint8Array.from(bytes);
  changed[index] ^= 1 << bit;
  return changed;
}

const cases = [];
for (const [name, kem] of Object.entries(sets)) {
  for (let i = 0; i < CASES; i++) {
    const seed = Uint8Array.from([...random(`${name} ${i} d`), ...random(`${name} ${i} z`)]);
    const m = random(`${name} ${i} m`);
    const { publicKey, secretKey } = kem.keygen(seed);
    const { cipherText, sharedSecret } = kem.encapsulate(publicKey, m);
    if (hex(kem.decapsulate(cipherText, secretKey)) !== hex(sharedSecret)) throw new Error(`${name} ${i}`);

    // The first byte, the last, and places in between, in u and in v.
    const index = i === 0 ? 0 : i === 1 ? cipherText.length - 1 : (i * 977) % cipherText.length;
    const bit = i % 8;
    cases.push({
      parameterSet: name,
      case: i,
      seed: hex(seed),
      ekSha256: hex(sha256(publicKey)),
      dkSha256: hex(sha256(secretKey)),
      m: hex(m),
      ct: hex(cipherText),
      ss: hex(sharedSecret),
      flip: { byte: index, bit },
      rejectedSs: hex(kem.decapsulate(flip(cipherText, index, bit), secretKey)),
    });
  }
}

const maker = JSON.parse(readFileSync(new URL('node_modules/@noble/post-quantum/package.json', import.meta.url)));
writeFileSync(
  new URL('mlkem.json', import.meta.url),
  JSON.stringify({ madeBy: `${maker.name} ${maker.version}`, cases }, null, 1) + '\n',
);
