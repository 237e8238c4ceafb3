// Drives the console of the harness in a real browser. eng/console.sh runs it.
//   node check.mjs ADDRESS CHROMIUM SCREENSHOTS; the capability is in the environment variable KMS.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const [address, executablePath, screenshots] = process.argv.slice(2);
const capability = process.env.KMS;
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const browser = await chromium.launch({ executablePath, args });
const complaints = [];
let checks = 0;

async function check(name, work) {
  try {
    await work();
    checks++;
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
}

async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('request', request => request.url().startsWith(address) || request.url().startsWith('data:') || complaints.push(`asks ${request.url()}`));
  await page.goto(address);
  return page;
}

async function enter(page) {
  await page.getByLabel('Capability').fill(capability);
  await page.keyboard.press('Enter');
  await page.getByText(/^Keys of auth\.$/).waitFor();
}

const text = (page, id) => page.locator(`#${id}`).textContent();
const fits = page => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
const becomes = (page, id, value) => page.locator(`#${id}`, { hasText: value instanceof RegExp ? value : new RegExp(`^${value}$`) }).waitFor();

// Changes what the server says of its journal before the page sees it.
async function seeing(change, fault) {
  const page = await open();
  await page.route('**/journal*', async route => {
    const response = await route.fetch();
    const answer = await response.json();
    if (answer.lines.length > 3) change(answer);
    await route.fulfill({ response, json: answer });
  });
  await enter(page);
  await becomes(page, 'chain', 'broken');
  assert.match(await text(page, 'chain-detail'), fault);
  await page.context().close();
}

try {
  const page = await open({ viewport: { width: 1600, height: 1000 } });
  await check('a wrong capability is told', async () => {
    await page.getByLabel('Capability').fill('nonsense');
    await page.keyboard.press('Enter');
    await becomes(page, 'status', /CapabilityMissing/);
    // The browser writes every refusal to its console.
    assert.deepEqual(complaints.splice(0).filter(complaint => !complaint.includes('401')), []);
  });

  await check('with the keyboard alone: enter, create, sign, verify', async () => {
    await page.getByLabel('Capability').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(capability);
    await page.keyboard.press('Enter');
    await page.getByText(/^Keys of auth\.$/).waitFor();
    await page.keyboard.press('Tab'); // Use
    await page.keyboard.press('Tab'); // Purpose
    assert.equal(await page.evaluate(() => document.activeElement.id), 'purpose');
    await page.keyboard.press('Enter');
    await becomes(page, 'status', /^Made auth\/signing\/ed25519\//);
    assert.match(await text(page, 'chosen'), /#v1$/);
    for (let i = 0; i < 30 && await page.evaluate(() => document.activeElement.name) !== 'sign'; i++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await becomes(page, 'status', /^Signed by /);
    for (let i = 0; i < 30 && await page.evaluate(() => document.activeElement.name) !== 'verify'; i++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await becomes(page, 'verdict', 'valid');
  });

  await check('another message does not verify', async () => {
    await page.getByLabel('Message').fill('Hello, RustyOnions?');
    await page.getByRole('button', { name: 'Verify' }).click();
    await becomes(page, 'verdict', 'not valid');
  });

  await check('rotating makes version 2, and version 1 still verifies', async () => {
    await page.getByRole('button', { name: 'Rotate' }).click();
    await becomes(page, 'status', /^Rotated: /);
    assert.match(await text(page, 'chosen'), /#v2$/);
    assert.deepEqual(await page.locator('#versions .chip').allTextContents(), ['v1 enabled', 'v2 enabled']);
    await page.getByLabel('Message').fill('Hello, RustyOnions!');
    await page.getByRole('button', { name: 'Verify' }).click();
    await becomes(page, 'verdict', 'valid');
  });

  await check('a hybrid answers both signatures', async () => {
    await page.getByLabel('Purpose').fill('hybrid');
    await page.getByLabel('Algorithm').selectOption('ed25519+mldsa65');
    await page.getByRole('button', { name: 'Create' }).click();
    await becomes(page, 'status', /^Made auth\/hybrid\//);
    await page.getByRole('button', { name: 'Sign' }).click();
    await becomes(page, 'status', /^Signed by auth\/hybrid\//);
    const signatures = JSON.parse(await page.getByLabel('Signatures').inputValue());
    assert.deepEqual(signatures.map(signature => signature.alg), ['Ed25519', 'ML-DSA']);
    await page.getByRole('button', { name: 'Verify' }).click();
    await becomes(page, 'verdict', 'valid');
  });

  await check('what is refused is told', async () => {
    await page.getByLabel('Algorithm').selectOption('aes256gcm');
    await page.getByRole('button', { name: 'Create' }).click();
    await becomes(page, 'status', /^Made /);
    await page.getByRole('button', { name: 'Sign' }).click();
    await becomes(page, 'status', /^Malformed \(kid\)/);
    assert.deepEqual(complaints.splice(0).filter(complaint => !complaint.includes('400')), []);
  });

  await check('the keys are listed and can be chosen', async () => {
    assert.equal(await page.locator('#keys li').count(), 3);
    await page.getByRole('radio', { name: /signing, Ed25519/ }).check();
    await becomes(page, 'chosen', /\/signing\/ed25519\//);
  });

  await check('the chain is sound', async () => {
    await becomes(page, 'chain', 'sound');
    assert.match(await text(page, 'chain-detail'), /^6 lines/);
    assert.equal(await page.locator('#journal li').count(), 6);
  });

  await check('operations and their latencies are drawn', async () => {
    const sign = page.locator('#live tr', { hasText: 'sign' });
    await sign.locator('td', { hasText: /µs|ms/ }).first().waitFor();
    assert.equal(await sign.locator('svg polyline').count(), 2);
  });

  await check('a line whose text was changed', () => seeing(
    answer => { answer.lines[2].line = answer.lines[2].line.replace('"op":"create"', '"op":"import"'); }, /line 3 is not what its SHA-256 says/));
  await check('a line exchanged together with its digest', () => seeing(
    answer => { [answer.lines[2].line, answer.lines[2].sha256] = [answer.lines[1].line.replace('"seq":2', '"seq":3'), answer.lines[1].sha256]; }, /line 3 is not what its SHA-256 says/));
  await check('a line left out', () => seeing(answer => { answer.lines.splice(2, 1); }, /line 3 is missing/));
  await check('a line hidden under another digest', () => seeing(
    answer => { delete answer.lines[2].line; answer.lines[2].sha256 = 'a'.repeat(64); }, /line 4 does not follow line 3/));
  await check('an end cut off', () => seeing(answer => { answer.lines.pop(); }, /the head is not line 5/));

  for (const width of [400, 1600]) {
    for (const colorScheme of ['light', 'dark']) {
      await check(`${width} pixels, ${colorScheme}`, async () => {
        const seen = await open({ viewport: { width, height: 1000 }, colorScheme });
        await enter(seen);
        await seen.getByRole('radio', { name: /signing, Ed25519/ }).check();
        await becomes(seen, 'versions', /v2/);
        await seen.getByRole('button', { name: 'Sign' }).click();
        await becomes(seen, 'status', /^Signed by /);
        await seen.getByRole('button', { name: 'Verify' }).click();
        await becomes(seen, 'verdict', 'valid');
        await becomes(seen, 'chain', 'sound');
        const line = seen.locator('#live tr', { hasText: 'sign' }).locator('polyline').first();
        const points = async () => ((await line.getAttribute('points')) ?? '').split(' ').length;
        for (let i = 2; i < 6; i++) {
          await seen.getByRole('button', { name: 'Sign' }).click();
          while (await points() < i) await seen.waitForTimeout(50);
        }
        assert.ok(await fits(seen), 'it is wider than the window');
        await seen.screenshot({ path: `${screenshots}/${width}-${colorScheme}.png`, fullPage: true });
        await seen.context().close();
      });
    }
  }

  await check('the browser has nothing to complain of, and asked nobody else', () => assert.deepEqual(complaints, []));
  console.log(`console: ${checks} checks passed`);
} catch (error) {
  console.error(error.message);
  if (complaints.length > 0) console.error(`the browser says: ${complaints.join('\n')}`);
  console.log('console: FAILED');
  process.exitCode = 1;
} finally {
  await browser.close();
}
