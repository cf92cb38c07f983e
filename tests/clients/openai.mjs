// OpenAI's own client library, used as its documentation shows.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ apiKey: 'none', baseURL: new URL('v1', process.argv[2]).href, maxRetries: 0 });
const chat = { model: 'tiny', messages: [{ role: 'user', content: 'What is 7 in roman numerals?' }], max_tokens: 12, temperature: 0 };
const completion = { model: 'tiny:sort', prompt: 'Anna', max_tokens: 6, temperature: 0 };

const models = [];
for await (const model of client.models.list()) models.push(model.id);
assert.ok(models.includes('tiny') && models.includes('tiny:roman'), models.join());
assert.equal((await client.models.retrieve('tiny:date')).id, 'tiny:date');

const whole = await client.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 2 });
assert.ok(whole.choices[0].message.content.length > 0);
assert.equal(whole.choices[0].logprobs.content[0].top_logprobs.length, 2);

let [text, usage] = ['', null];
for await (const chunk of await client.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } })) {
  text += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
}
assert.equal(text, whole.choices[0].message.content);
assert.deepEqual(usage.completion_tokens, whole.usage.completion_tokens);
assert.equal((await client.chat.completions.stream(chat).finalChatCompletion()).choices[0].message.content, text);

assert.equal((await client.completions.create({ ...completion, prompt: ['Anna', 'Bert'], n: 2, echo: true })).choices.length, 4);
let pieces = '';
for await (const chunk of await client.completions.create({ ...completion, stream: true })) pieces += chunk.choices[0]?.text ?? '';
assert.equal(pieces, (await client.completions.create(completion)).choices[0].text);

await assert.rejects(client.chat.completions.create({ ...chat, model: 'nobody' }), error => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found');
await assert.rejects(client.chat.completions.create({ ...chat, temperature: 9 }), error => error instanceof OpenAI.BadRequestError && error.param === 'temperature');

const stopped = await client.chat.completions.create({ ...chat, stream: true });
for await (const chunk of stopped) {
  assert.ok(chunk.id);
  stopped.controller.abort();
  break;
}

console.log(`openai ${models.length} models: all well`);
