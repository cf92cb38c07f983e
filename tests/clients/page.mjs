// The page in headless Chromium: experts, a routed answer, a forced one, a chat; light and wide, dark and narrow.
import assert from 'node:assert/strict';
import path from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as browser } from 'playwright-core';

const [address, folder] = process.argv.slice(2);
const app = await browser.launch({ args: chromium.args, executablePath: await chromium.executablePath(), headless: true });
const problems = [];
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
  await ask(page, 2, 'sort: d c b a ->', { kind: 'completion', model: 'sort' });
  assert.match(await page.locator('.said .legend').nth(1).textContent(), /^sort 100 %forced$/);
  await ask(page, 3, 'What is 7 in roman numerals?', { kind: 'chat', model: '' });
  assert.ok((await page.locator('.said .text').allTextContents()).every(text => text.length > 0));
  if (folder) await page.screenshot({ path: path.join(folder, `page-${colorScheme}.png`) });
}

async function ask(page, count, prompt, { kind, model }) {
  await page.selectOption('#kind', kind);
  await page.selectOption('#model', model);
  await page.fill('#prompt', prompt);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.said[data-done] >> nth=${count - 1}`);
}
