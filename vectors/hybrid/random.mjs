// What the makers share: the same bytes on every run, because what ought to be random is SHA-256 of a label.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

export const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest());
export const random = (label) => sha256(`ronkms vectors: ${label}`);
export const hex = (bytes) => Buffer.from(bytes).toString('hex');

export function write(name, makers, cases) {
  const madeBy = makers.map((maker) => {
    const { name, version } = JSON.parse(readFileSync(new URL(`node_modules/${maker}/package.json`, import.meta.url)));
    return `${name} ${version}`;
  });
  writeFileSync(new URL(name, import.meta.url), JSON.stringify({ madeBy: madeBy.join(', '), cases }, null, 1) + '\n');
}
