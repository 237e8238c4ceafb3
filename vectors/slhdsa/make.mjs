// Writes slhdsa.json: SLH-DSA by @noble/post-quantum. The same bytes on every run: what ought to be random is SHA-256 of a label.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import * as noble from '@noble/post-quantum/slh-dsa.js';

const KEYS = 10;
const SIGNATURES = { f: 10, s: 2 };
const N = { 128: 16, 192: 24, 256: 32 };

const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest());
const hex = (bytes) => Buffer.from(bytes).toString('hex');

// As many bytes as are wanted, from a label.
function random(label, size) {
  const blocks = [];
  for (let i = 0; i * 32 < size; i++) blocks.push(...sha256(`ronkms vectors: ${label} ${i}`));
  return Uint8Array.from(blocks.slice(0, size));
}

const messageSizes = [0, 1, 64, 1000, 4096, 33, 136, 255, 71, 128];
const contextSizes = [0, 255, 1, 16, 0, 128, 3, 254, 32, 64];

const cases = [];
for (const family of ['sha2', 'shake'])
  for (const bits of [128, 192, 256])
    for (const kind of ['s', 'f']) {
      const name = `SLH-DSA-${family.toUpperCase()}-${bits}${kind}`;
      const slh = noble[`slh_dsa_${family}_${bits}${kind}`];
      for (let i = 0; i < KEYS; i++) {
        const seed = random(`${name} ${i} seed`, 3 * N[bits]);
        const { publicKey, secretKey } = slh.keygen(seed);
        const result = { parameterSet: name, case: i, seed: hex(seed), root: hex(secretKey.slice(3 * N[bits])) };
        if (i < SIGNATURES[kind]) {
          const message = random(`${name} ${i} message`, messageSizes[i]);
          const context = random(`${name} ${i} context`, contextSizes[i]);

          // Half of the signatures are deterministic, and half have an addrnd.
          const addrnd = i % 2 === 0 ? undefined : random(`${name} ${i} addrnd`, N[bits]);
          const signature = slh.sign(message, secretKey, { context, extraEntropy: addrnd ?? false });
          if (!slh.verify(signature, message, publicKey, { context })) throw new Error(`${name} ${i}`);
          Object.assign(result, {
            message: hex(message),
            context: hex(context),
            addrnd: addrnd ? hex(addrnd) : null,
            signatureSha256: hex(sha256(signature)),
          });
        }
        cases.push(result);
      }
    }

const maker = JSON.parse(readFileSync(new URL('node_modules/@noble/post-quantum/package.json', import.meta.url)));
writeFileSync(
  new URL('slhdsa.json', import.meta.url),
  JSON.stringify({ madeBy: `${maker.name} ${maker.version}`, cases }, null, 1) + '\n',
);
