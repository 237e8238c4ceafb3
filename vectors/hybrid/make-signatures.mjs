// Writes ed25519-mldsa65.json and composite-mldsa65-ed25519.json: Ed25519 by @noble/curves, ML-DSA-65 by @noble/post-quantum.
// The same bytes on every run: what ought to be random is a hash of a label.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';

// Around the blocks of SHA-512 (128) and SHAKE256 (136), and what is hashed before a message.
const messageLengths = [0, 1, 32, 63, 64, 65, 111, 127, 128, 136, 500, 1000];
const contextLengths = [0, 1, 255, 0, 0, 0, 16, 32, 64, 0, 254, 100];

const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest());
const random = (label, length = 32) =>
  new Uint8Array(createHash('shake256', { outputLength: Math.max(length, 1) }).update(`ronkms vectors: ${label}`).digest()).slice(0, length);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const ascii = (text) => new TextEncoder().encode(text);
const concat = (...parts) => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));

const separableContext = ascii('RonKms/ed25519+mldsa65/v1');
const compositeLabel = ascii('COMPSIG-MLDSA65-Ed25519-SHA512');

// Of each scheme: which half comes first, whether it has a context, what both halves sign, and the context of the ML-DSA-65 half.
const schemes = {
  'ed25519-mldsa65': {
    isEd25519First: true,
    hasContext: false,
    represent: (message) => message,
    mldsa65Context: separableContext,
  },
  'composite-mldsa65-ed25519': {
    isEd25519First: false,
    hasContext: true,
    represent: (message, context) =>
      concat(ascii('CompositeAlgorithmSignatures2025'), compositeLabel, [context.length], context, sha512(message)),
    mldsa65Context: compositeLabel,
  },
};

const flip = (bytes, bits) => {
  const changed = new Uint8Array(bytes);
  for (const bit of bits) changed[bit >> 3] ^= 1 << (bit & 7);
  return changed;
};

const make = (name, { isEd25519First, hasContext, represent, mldsa65Context }) => {
  const join = (classical, postQuantum) => (isEd25519First ? concat(classical, postQuantum) : concat(postQuantum, classical));
  const cases = [];
  for (let i = 0; i < messageLengths.length; i++) {
    const seeds = { ed25519: random(`${name} ${i} ed25519 seed`), mldsa65: random(`${name} ${i} mldsa65 seed`) };
    const rnd = random(`${name} ${i} rnd`);
    const message = random(`${name} ${i} message`, messageLengths[i]);
    const context = random(`${name} ${i} context`, hasContext ? contextLengths[i] : 0);
    const ed25519Key = ed25519.getPublicKey(seeds.ed25519);
    const mldsa65Keys = ml_dsa65.keygen(seeds.mldsa65);
    const publicKey = join(ed25519Key, mldsa65Keys.publicKey);
    const signed = represent(message, context);
    const ed25519Signature = ed25519.sign(signed, seeds.ed25519);
    const sign = (extraEntropy) =>
      join(ed25519Signature, ml_dsa65.sign(signed, mldsa65Keys.secretKey, { context: mldsa65Context, extraEntropy }));
    const signature = sign(false);
    const hedged = sign(rnd);

    // Which halves are still good after some bits were flipped: none, one in a half, one in each.
    const ed25519At = isEd25519First ? 0 : 3309;
    const mldsa65At = isEd25519First ? 64 : 0;
    const ed25519Bit = ed25519At * 8 + ((i * 41) % 512);
    const mldsa65Bit = mldsa65At * 8 + ((i * 2203) % (3309 * 8));
    const verdicts = [[], [ed25519Bit], [mldsa65Bit], [ed25519Bit, mldsa65Bit]].map((flippedBits) => {
      const changed = flip(signature, flippedBits);
      return {
        flippedBits,
        ed25519: ed25519.verify(changed.slice(ed25519At, ed25519At + 64), signed, ed25519Key, { zip215: false }),
        mldsa65: ml_dsa65.verify(changed.slice(mldsa65At, mldsa65At + 3309), signed, mldsa65Keys.publicKey, { context: mldsa65Context }),
      };
    });
    cases.push({
      case: i,
      secret: hex(join(seeds.ed25519, seeds.mldsa65)),
      pkSha256: hex(sha256(publicKey)),
      message: hex(message),
      ...(hasContext ? { context: hex(context) } : {}),
      ed25519Signature: hex(ed25519Signature),
      signatureSha256: hex(sha256(signature)),
      rnd: hex(rnd),
      hedgedSignatureSha256: hex(sha256(hedged)),
      verdicts,
      ...(i === 0 ? { pk: hex(publicKey), signature: hex(signature) } : {}),
    });
  }
  return cases;
};

const versionOf = (maker) => {
  const { name, version } = JSON.parse(readFileSync(new URL(`node_modules/${maker}/package.json`, import.meta.url)));
  return `${name} ${version}`;
};
const madeBy = ['@noble/curves', '@noble/post-quantum', '@noble/hashes'].map(versionOf).join(', ');
for (const [name, scheme] of Object.entries(schemes)) {
  writeFileSync(new URL(`${name}.json`, import.meta.url), JSON.stringify({ madeBy, cases: make(name, scheme) }, null, 1) + '\n');
}
