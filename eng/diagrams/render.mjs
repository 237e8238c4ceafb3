// Draws diagrams: node render.mjs CHROMIUM CONFIG DEFINITION.mmd… writes DEFINITION.svg beside each. Started by eng/diagrams.sh.
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { renderMermaid } from '@mermaid-js/mermaid-cli';
import puppeteer from 'puppeteer';

const [chromium, config, ...definitions] = process.argv.slice(2);
const mermaidConfig = JSON.parse(await readFile(config, 'utf8'));
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const path of definitions) {
    const { data } = await renderMermaid(browser, await readFile(path, 'utf8'), 'svg', {
      backgroundColor: 'white', // one picture for light pages and dark ones
      mermaidConfig,
      svgId: basename(path, '.mmd'),
    });
    await writeFile(path.replace(/\.mmd$/, '.svg'), data);
  }
} finally {
  await browser.close();
}
