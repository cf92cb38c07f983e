// The page in headless Chromium: experts, a routed answer, a forced one, a chat; light and wide, dark and narrow.
import assert from 'node:assert/strict';
import path from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as browser } from 'playwright-core';

const [address, folder] = process.argv.slice(2);
const app = await browser.launch({ args: chromium.args, executablePath: await chromium.executablePath(), headless: true });
const problems = [];
const STRANGE = 'zq 7 !! ## %% 49 ## !! qz ((( 7 )))';
try {
  await look('light', { width: 1200, height: 760 });
  await look('dark', { width: 420, height: 800 });
  assert.deepEqual(problems, []);
} finally {
  await app.close();
}

console.log('page: all well');

async function look(colorScheme, viewport) {
  const page = await (await app.newContext({ colorScheme, viewport })).newPage();
  page.on('console', message => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', error => problems.push(String(error)));
  await page.goto(address);
  await page.waitForSelector('#experts tr');
  assert.equal(await page.textContent('#state'), 'ready');
  const set = await (await fetch(new URL('v1/set', address))).json();
  assert.deepEqual(await page.locator('#experts tr td:first-child').allTextContents(), set.experts.map(expert => expert.name));

  await ask(page, 1, 'roman numeral of 17 is', { kind: 'completion', model: '' });
  await judges(page, 0, 'roman numeral of 17 is');
  await ask(page, 2, 'sort: d c b a ->', { kind: 'completion', model: 'sort' });
  assert.match(await page.locator('.said .legend').nth(1).textContent(), /^sort 100 %((known|novel) \(p = [0-9.e-]+\))?forced$/);
  await judges(page, 1, 'sort: d c b a ->');
  await ask(page, 3, 'What is 7 in roman numerals?', { kind: 'chat', model: '' });
  await ask(page, 4, STRANGE, { kind: 'completion', model: '' });
  assert.notEqual(await judges(page, 3, STRANGE), false);
  assert.ok((await page.locator('.said .text').allTextContents()).every(text => text.length > 0));
  if (folder) await page.screenshot({ path: path.join(folder, `page-${colorScheme}.png`) });
}

// Whether a prompt is novel is what the router says of it; nothing where its set has no map of the skills.
async function judges(page, turn, prompt) {
  const answer = await fetch(new URL('v1/route', address), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'tiny', prompt }) });
  const { novelty } = (await answer.json()).dylora;
  if (!novelty) return undefined;
  const said = page.locator('.said .legend').nth(turn).locator(novelty.novel ? '.warn' : '.dim').first();
  assert.equal(await said.textContent(), `${novelty.novel ? 'novel' : 'known'} (p = ${novelty.p_value.toPrecision(2)})`);
  return novelty.novel;
}

async function ask(page, count, prompt, { kind, model }) {
  await page.selectOption('#kind', kind);
  await page.selectOption('#model', model);
  await page.fill('#prompt', prompt);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.said[data-done] >> nth=${count - 1}`);
}
