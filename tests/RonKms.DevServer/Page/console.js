// The page of the development harness. It asks only the server that it came from, and keeps the capability in this page alone.
const at = id => document.getElementById(id);
const root = '/v1/kms';
const pollMs = 1000;
const pollsKept = 60;
let capability = '';
let chosen = null;
let shownKeys = '';

function make(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function say(text, bad = false) {
  at('status').textContent = text;
  at('status').className = bad ? 'bad' : '';
}

// Asks the harness. A problem becomes an Error with what it says.
async function ask(path, body, method = body === undefined ? 'GET' : 'POST') {
  const headers = { Authorization: `Bearer ${capability}` };
  if (body) headers['Content-Type'] = 'application/json';
  const response = await fetch(root + path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.error}${answer.fields ? ` (${answer.fields.join(', ')})` : ''}: ${answer.title}`);
  return answer;
}

const bytesOf = text => new TextEncoder().encode(text);
const base64 = bytes => btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
const uuidOf = kid => kid.split('/')[3].split('#')[0];
const timeOf = ms => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

// ---- keys

const chip = (version, text) => make('span', { className: `chip ${version.state}` }, text);

async function showKeys() {
  const { keys } = await ask('/keys');
  keys.sort((a, b) => b.state.created_ms - a.state.created_ms);
  if (JSON.stringify(keys) !== shownKeys) {
    shownKeys = JSON.stringify(keys);
    const focused = document.activeElement?.value;
    at('keys').replaceChildren(...keys.map(key => {
      const [, purpose] = key.kid.split('/');
      const pick = make('input', { type: 'radio', name: 'key', value: uuidOf(key.kid), checked: uuidOf(key.kid) === chosen });
      return make('li', {}, make('label', {}, pick,
        make('span', {}, `${purpose}, ${key.alg}`), chip(key.state, `v${key.latest_version} ${key.state.state}`), make('span', { className: 'kid' }, key.kid)));
    }));
    at('keys').querySelector(`input[value="${CSS.escape(focused ?? '')}"]`)?.focus();
  }
}

async function choose(uuid) {
  chosen = uuid;
  const key = await ask(`/keys/${uuid}`);
  at('chosen').replaceChildren(make('span', { className: 'kid' }, key.kid));
  at('versions').replaceChildren(...key.versions.map(version => chip(version, `v${version.version} ${version.state}`)));
  for (const radio of document.getElementsByName('key')) radio.checked = radio.value === uuid;
}

async function create() {
  const tenant = tenantOf(capability);
  const { kid } = await ask('/keys', { tenant, purpose: at('purpose').value, alg: at('alg').value || null });
  await showKeys();
  await choose(uuidOf(kid));
  say(`Made ${kid}.`);
}

// The first tenant= caveat: the texts of a macaroon lie plainly in its binary form.
function tenantOf(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return /tenant=([A-Za-z0-9._-]+)/.exec(binary)?.[1] ?? '';
}

const uses = {
  async sign() {
    const kid = at('chosen').textContent;
    const answer = await ask('/sign', { kid, payload_b3: base64(bytesOf(at('message').value)) });
    at('signatures').value = JSON.stringify(answer.sigs, null, 1);
    at('verdict').textContent = '';
    say(`Signed by ${answer.attestation.kid}.`);
  },
  async verify() {
    const answer = await ask('/verify', { payload_b3: base64(bytesOf(at('message').value)), sigs: JSON.parse(at('signatures').value) });
    at('verdict').textContent = answer.ok ? 'valid' : 'not valid';
    at('verdict').className = answer.ok ? 'good' : 'bad';
    say(`Verified with ${answer.details.length === 1 ? 'one key' : `${answer.details.length} keys`}.`);
  },
  async rotate() {
    const { kid } = await ask(`/keys/${encodeURIComponent(at('chosen').textContent)}/rotate`, undefined, 'POST');
    await showKeys();
    await choose(uuidOf(kid));
    say(`Rotated: ${kid} signs from now on.`);
  },
};

// ---- journal: docs/formats/ronk-v1.md, section 3

const journal = { after: 0, hash: '0'.repeat(64), broken: null };

const sha256 = async text => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(text))), byte => byte.toString(16).padStart(2, '0')).join('');

// What is wrong with a line that follows the one of a given number and digest; nothing where it is sound.
async function faultOf({ seq, line, sha256: told }) {
  if (seq !== journal.after + 1) return `line ${journal.after + 1} is missing`;
  if (line === undefined) return null;
  if (await sha256(line) !== told) return `line ${seq} is not what its SHA-256 says`;
  let parsed;
  try { parsed = JSON.parse(line); } catch { return `line ${seq} is not JSON`; }
  if (parsed.seq !== seq) return `line ${seq} has another number in it`;
  return parsed.prev === journal.hash ? null : `line ${seq} does not follow line ${seq - 1}`;
}

function lineItem({ seq, line }, broken) {
  let parsed = { op: 'another tenant’s' };
  if (line !== undefined) try { parsed = JSON.parse(line); } catch { parsed = { op: 'unreadable' }; }
  return make('li', { className: broken ? 'broken' : '' },
    make('span', { className: 'seq' }, `${seq}`), make('span', {}, parsed.op), make('span', {}, parsed.time_ms ? timeOf(parsed.time_ms) : ''),
    ...(parsed.kid ? [make('span', {}, parsed.kid)] : []));
}

// Reads what is new and goes on with the check. What is broken stays so until the capability is entered again.
async function showJournal() {
  while (!journal.broken) {
    const page = await ask(`/journal?limit=500&after=${journal.after}`);
    for (const line of page.lines) {
      journal.broken = await faultOf(line);
      at('journal').prepend(lineItem(line, journal.broken));
      if (journal.broken) break;
      journal.after = line.seq;
      journal.hash = line.sha256;
    }
    if (page.next === undefined && !journal.broken) {
      if (page.head.seq !== journal.after || page.head.sha256 !== journal.hash) journal.broken = `the head is not line ${journal.after}`;
      break;
    }
  }
  at('chain').textContent = journal.broken ? 'broken' : 'sound';
  at('chain').className = journal.broken ? 'bad' : 'good';
  at('chain-detail').textContent = journal.broken
    ? `The chain is broken: ${journal.broken}.`
    : `${journal.after} lines, chained from the first to the head ${journal.hash.slice(0, 16)}…, checked in this browser.`;
}

// ---- metrics

const samples = [];

function parseMetrics(text) {
  const ops = {};
  for (const [, name, labels, value] of text.matchAll(/^(kms_\w+)\{(.*)\} (\S+)$/gm)) {
    const op = /op="(\w+)"/.exec(labels)?.[1];
    const le = /le="([^"]+)"/.exec(labels)?.[1];
    if (name === 'kms_op_latency_seconds_count') (ops[op] ??= { buckets: {} }).count = Number(value);
    if (le) (ops[op] ??= { buckets: {} }).buckets[le] = Number(value);
  }
  return { time: performance.now(), ops };
}

// The bound of the bucket in which a share of what came between two samples lies, in seconds.
function quantile(older, newer, op, share) {
  const count = newer.ops[op].count - (older.ops[op]?.count ?? 0);
  const bounds = Object.keys(newer.ops[op].buckets).sort((a, b) => Number(a === '+Inf' ? Infinity : a) - Number(b === '+Inf' ? Infinity : b));
  const found = bounds.find(le => newer.ops[op].buckets[le] - (older.ops[op]?.buckets[le] ?? 0) >= count * share);
  return count > 0 ? (found === '+Inf' ? Infinity : Number(found)) : NaN;
}

const rate = (older, newer, op) => ((newer.ops[op]?.count ?? 0) - (older.ops[op]?.count ?? 0)) / (newer.time - older.time) * 1000;
const duration = s => Number.isNaN(s) ? '–' : s === Infinity ? '> 1 s' : s < 0.001 ? `${Math.round(s * 1e6)} µs` : s < 1 ? `${+(s * 1000).toPrecision(3)} ms` : '1 s';

function chart(values, text) {
  const svgns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(svgns, 'svg');
  const highest = Math.max(...values.filter(Number.isFinite), Number.MIN_VALUE);
  const line = document.createElementNS(svgns, 'polyline');
  if (values.length === 1) values = [...values, ...values];
  line.setAttribute('points', values.map((value, i) => `${i / (values.length - 1) * 120},${26 - (Number.isFinite(value) ? value / highest : 0) * 24}`).join(' '));
  svg.setAttribute('viewBox', '0 0 120 28');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', text);
  svg.append(line);
  return svg;
}

async function showMetrics() {
  const response = await fetch('/metrics');
  if (!response.ok) throw new Error('The metrics cannot be read.');
  samples.push(parseMetrics(await response.text()));
  if (samples.length > pollsKept + 1) samples.shift();
  const [first, last] = [samples[0], samples.at(-1)];
  const pairs = samples.slice(1).map((sample, i) => [samples[i], sample]);
  at('live').tBodies[0].replaceChildren(...Object.keys(last.ops).sort().map(op => {
    const known = pairs.filter(([, newer]) => newer.ops[op]);
    return make('tr', {}, make('td', {}, op),
      make('td', {}, samples.length > 1 ? rate(first, last, op).toFixed(1) : '–'),
      make('td', { className: 'chart' }, chart(pairs.map(([older, newer]) => rate(older, newer, op)), `${op}: operations a second`)),
      make('td', {}, duration(quantile(first, last, op, 0.5))), make('td', {}, duration(quantile(first, last, op, 0.95))),
      make('td', { className: 'chart' }, chart(known.map(([older, newer]) => quantile(older, newer, op, 0.95)), `${op}: 95 % take at most`)));
  }));
}

// ---- what happens when

// One thing at a time: what is asked for last is shown last.
let running = Promise.resolve();
const inTurn = work => (running = running.then(work).catch(error => say(error.message, true)));

const refresh = async () => {
  if (capability) {
    await showKeys();
    await showJournal();
  }
};

at('enter').addEventListener('submit', event => {
  event.preventDefault();
  inTurn(async () => {
    capability = at('capability').value.trim();
    chosen = null;
    at('chosen').textContent = 'No key is chosen.';
    at('versions').replaceChildren();
    Object.assign(journal, { after: 0, hash: '0'.repeat(64), broken: null });
    at('journal').replaceChildren();
    try {
      await refresh();
    } catch (error) {
      capability = ''; // Not to be asked with again every second.
      throw error;
    }
    say(`Keys of ${tenantOf(capability)}.`);
  });
});

at('create').addEventListener('submit', event => {
  event.preventDefault();
  inTurn(async () => {
    await create();
    await refresh();
  });
});

at('keys').addEventListener('change', event => inTurn(() => choose(event.target.value)));

at('use').addEventListener('submit', event => {
  event.preventDefault();
  inTurn(async () => {
    if (!chosen && event.submitter.name !== 'verify') throw new Error('Choose a key first.');
    await uses[event.submitter.name]();
    await refresh();
  });
});

inTurn(showMetrics);
setInterval(() => inTurn(async () => {
  await showMetrics();
  await refresh();
}), pollMs);
