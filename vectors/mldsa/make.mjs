// Writes mldsa.json: ML-DSA by @noble/post-quantum. The same bytes on every run: what ought to be random is a hash of a label.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { sha512 } from '@noble/hashes/sha2.js';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';

const sets = { 'ML-DSA-44': ml_dsa44, 'ML-DSA-65': ml_dsa65, 'ML-DSA-87': ml_dsa87 };

// Around the block of SHAKE256, 136 bytes, less what is hashed before a message: tr (64), the domain and the context's length (2).
const messageLengths = [0, 1, 32, 69, 70, 71, 135, 136, 137, 206, 500, 1000];
const contextLengths = [0, 1, 255, 0, 0, 0, 16, 32, 64, 0, 254, 100];

const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest());
const random = (label, length = 32) =>
  new Uint8Array(createHash('shake256', { outputLength: Math.max(length, 1) }).update(`ronkms vectors: ${label}`).digest()).slice(0, length);
const hex = (bytes) => Buffer.from(bytes).toString('hex');

const cases = [];
for (const [name, dsa] of Object.entries(sets)) {
  for (let i = 0; i < messageLengths.length; i++) {
    const seed = random(`${name} ${i} seed`);
    const rnd = random(`${name} ${i} rnd`);
    const message = random(`${name} ${i} message`, messageLengths[i]);
    const context = random(`${name} ${i} context`, contextLengths[i]);
    const { publicKey, secretKey } = dsa.keygen(seed);
    const deterministic = dsa.sign(message, secretKey, { context, extraEntropy: false });
    const hedged = dsa.sign(message, secretKey, { context, extraEntropy: rnd });
    const preHashed = dsa.prehash(sha512).sign(message, secretKey, { context, extraEntropy: false });
    if (!dsa.verify(deterministic, message, publicKey, { context })) throw new Error(`${name} ${i}`);
    cases.push({
      parameterSet: name,
      case: i,
      seed: hex(seed),
      pkSha256: hex(sha256(publicKey)),
      skSha256: hex(sha256(secretKey)),
      message: hex(message),
      context: hex(context),
      signatureSha256: hex(sha256(deterministic)),
      rnd: hex(rnd),
      hedgedSignatureSha256: hex(sha256(hedged)),
      sha512SignatureSha256: hex(sha256(preHashed)),
      ...(i === 0 ? { pk: hex(publicKey), signature: hex(deterministic) } : {}),
    });
  }
}

const maker = JSON.parse(readFileSync(new URL('node_modules/@noble/post-quantum/package.json', import.meta.url)));
writeFileSync(
  new URL('mldsa.json', import.meta.url),
  JSON.stringify({ madeBy: `${maker.name} ${maker.version}`, cases }, null, 1) + '\n',
);
