// Writes hpke.json: HPKE by @hpke/core, base mode, HKDF-SHA256, the first message of each context.
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { XWing } from '@hpke/hybridkem-x-wing';
import { x25519 } from '@noble/curves/ed25519.js';
import { hex, random, write } from './random.mjs';

const CASES = 6;

// Of every length: none, less than a block, a block, and more than what fits a small buffer.
const bytes = (label, length) => Uint8Array.from({ length }, (_, i) => random(`${label} ${i >> 5}`)[i & 31]);
const lengths = [0, 1, 16, 31, 255, 1000];

// An X25519 key is a scalar, taken as it is.
async function x25519Pair(kem, scalar) {
  const privateKey = await kem.importKey('raw', scalar, false);
  const publicKey = await kem.importKey('raw', x25519.getPublicKey(scalar), true);
  return { privateKey, publicKey };
}

async function recipientOf(kem, label) {
  if (kem instanceof XWing) {
    const seed = random(`${label} seed`);
    return { secret: seed, pair: await kem.generateKeyPairDerand(Uint8Array.from(seed)) };
  }
  const scalar = random(`${label} scalar`);
  return { secret: scalar, pair: await x25519Pair(kem, scalar) };
}

// What encapsulation draws: 64 bytes for X-Wing, the ephemeral scalar for X25519.
async function randomnessOf(kem, label) {
  if (kem instanceof XWing) {
    const eseed = Uint8Array.from([...random(`${label} m`), ...random(`${label} ephemeral`)]);
    return { randomness: eseed, ekm: eseed.slice().buffer };
  }
  const scalar = random(`${label} ephemeral`);
  return { randomness: scalar, ekm: await x25519Pair(kem, scalar) };
}

const cases = [];
for (const kem of [DhkemX25519HkdfSha256, XWing]) {
  for (const aead of [Aes256Gcm, Chacha20Poly1305]) {
    for (let i = 0; i < CASES; i++) {
      const suite = new CipherSuite({ kem: new kem(), kdf: new HkdfSha256(), aead: new aead() });
      const label = `HPKE ${suite.kem.id} ${suite.aead.id} ${i}`;
      const { secret, pair } = await recipientOf(suite.kem, label);
      const { randomness, ekm } = await randomnessOf(suite.kem, label);
      const pt = bytes(`${label} pt`, lengths[i]);
      const info = bytes(`${label} info`, lengths[(i * 5 + 2) % 6]);
      const aad = bytes(`${label} aad`, lengths[(i + 3) % 6]);

      const sender = await suite.createSenderContext({ recipientPublicKey: pair.publicKey, info: info.buffer, ekm });
      const ct = await sender.seal(pt.buffer, aad.buffer);
      const opened = await suite.open({ recipientKey: pair.privateKey, enc: sender.enc, info: info.buffer }, ct, aad.buffer);
      if (hex(opened) !== hex(pt)) throw new Error(label);
      cases.push({
        kem: suite.kem.id,
        aead: suite.aead.id,
        case: i,
        secret: hex(secret),
        randomness: hex(randomness),
        info: hex(info),
        aad: hex(aad),
        pt: hex(pt),
        enc: hex(sender.enc),
        ct: hex(ct),
      });
    }
  }
}

write('hpke.json', ['@hpke/core', '@hpke/chacha20poly1305', '@hpke/dhkem-x25519', '@hpke/hybridkem-x-wing'], cases);
