// OpenAI's official npm client against /v1, unmodified. Run by NpmOpenAIClientTests; its arguments are the gateway's
// address, the model and a model for embeddings. Every check prints a line; the exit code says whether all held.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';

const [address, model, embeddingModel] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${address}v1`, apiKey: 'any', maxRetries: 0 });
const user = content => [{ role: 'user', content }];

const checks = {
  async chat() {
    const completion = await client.chat.completions.create({ model, messages: user('Repeat after me: hello there') });
    assert.equal(completion.choices[0].message.content, 'hello there');
    assert.equal(completion.choices[0].finish_reason, 'stop');
    assert.equal(completion.model, model);
    assert.ok(completion.usage.total_tokens > 0);
  },

  async streaming() {
    const stream = await client.chat.completions.create({
      model, messages: user('Repeat after me: hello there'), stream: true, stream_options: { include_usage: true },
    });
    let text = '', finish, usage;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, 'hello there');
    assert.equal(finish, 'stop');
    assert.ok(usage.completion_tokens > 0);
  },

  async tools() {
    const tools = [{
      type: 'function',
      function: { name: 'get_weather', description: 'The weather in a city', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
    }];
    const messages = user('What is the weather in Paris and London?');
    const first = await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const calls = first.choices[0].message.tool_calls;
    assert.equal(first.choices[0].finish_reason, 'tool_calls');
    assert.deepEqual(calls.map(call => JSON.parse(call.function.arguments).city), ['Paris', 'London']);
    messages.push(first.choices[0].message);
    for (const call of calls) messages.push({ role: 'tool', tool_call_id: call.id, content: '{"weather":"sunny"}' });
    const second = await client.chat.completions.create({ model, messages, tools });
    assert.match(second.choices[0].message.content, /sunny/);
  },

  async jsonSchema() {
    const schema = { type: 'object', properties: { sentiment: { type: 'string', enum: ['positive', 'negative'] } }, required: ['sentiment'], additionalProperties: false };
    const completion = await client.chat.completions.create({
      model, messages: user('I love it, it is great.'), response_format: { type: 'json_schema', json_schema: { name: 'review', strict: true, schema } },
    });
    assert.equal(JSON.parse(completion.choices[0].message.content).sentiment, 'positive');
  },

  async cacheHits() {
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];
    for (const question of [{ messages: user('Repeat after me: hello there') }, { messages: user('What is the weather in Paris and London?'), tools }]) {
      for (const firstStreams of [false, true]) {
        const body = { model, temperature: 0, max_tokens: firstStreams ? 500 : 501, ...question };
        const ask = async streams => {
          if (!streams) {
            const { data, response } = await client.chat.completions.create(body).withResponse();
            return { answer: data, cache: response.headers.get('x-llmops-cache') };
          }
          const { data, response } = await client.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }).withResponse();
          const answer = await ChatCompletionStream.fromReadableStream(data.toReadableStream()).finalChatCompletion();
          return { answer, cache: response.headers.get('x-llmops-cache') };
        };
        const [missed, hit, again] = [await ask(firstStreams), await ask(!firstStreams), await ask(firstStreams)];
        assert.deepEqual([missed.cache, hit.cache, again.cache], ['miss', 'hit-memory', 'hit-memory']);
        for (const { answer } of [hit, again]) {
          assert.equal(answer.id, missed.answer.id);
          assert.equal(answer.choices[0].finish_reason, missed.answer.choices[0].finish_reason);
          assert.equal(answer.choices[0].message.content, missed.answer.choices[0].message.content);
          assert.deepEqual(answer.choices[0].message.tool_calls?.map(call => [call.id, call.function.name, call.function.arguments]), missed.answer.choices[0].message.tool_calls?.map(call => [call.id, call.function.name, call.function.arguments]));
          assert.equal(answer.usage.total_tokens, missed.answer.usage.total_tokens);
        }
      }
    }
  },

  async errors() {
    await assert.rejects(client.chat.completions.create({ model: 'no-such-model', messages: user('x') }), error => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found');
    await assert.rejects(client.chat.completions.create({ model, messages: user('x'), temperature: 7 }), error => error instanceof OpenAI.BadRequestError && error.param === 'temperature');
    if (model !== 'offline') {
      await assert.rejects(client.chat.completions.create({ model, messages: user('FAIL 429') }), OpenAI.RateLimitError);
      await assert.rejects(client.chat.completions.create({ model, messages: user('FAIL 500') }), OpenAI.InternalServerError);
    }
  },

  async brokenStream() {
    if (model === 'offline') return;
    const stream = await client.chat.completions.create({ model, messages: user('BREAK'), stream: true });
    await assert.rejects(async () => {
      for await (const chunk of stream) void chunk;
    }, error => error instanceof OpenAI.APIError && error.code === 'provider_stream_interrupted');
  },

  async cancellation() {
    if (model === 'offline') return;
    const controller = new AbortController();
    const stream = await client.chat.completions.create({ model, messages: user('HANG'), stream: true }, { signal: controller.signal });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta?.content) controller.abort();
    }
  },

  async embeddings() {
    // The client asks for base64 where it is not told how, and gives floats.
    const input = ['Where is the library?', 'Two eggs'];
    const embeddings = await client.embeddings.create({ model: embeddingModel, input });
    assert.deepEqual(embeddings.data.map(item => item.index), [0, 1]);
    assert.equal(embeddings.model, embeddingModel);
    assert.ok(embeddings.usage.prompt_tokens > 0);
    const floats = await client.embeddings.create({ model: embeddingModel, input: input[0], encoding_format: 'float' });
    assert.deepEqual(floats.data[0].embedding.map(Math.fround), [...embeddings.data[0].embedding].map(Math.fround));
    assert.equal((await client.embeddings.create({ model: embeddingModel, input: input[0], dimensions: 32 })).data[0].embedding.length, 32);
    await assert.rejects(client.embeddings.create({ model: embeddingModel, input: ['a', ''] }), error => error instanceof OpenAI.BadRequestError && error.param === 'input[1]');
  },

  async models() {
    const ids = [];
    for await (const listed of client.models.list()) ids.push(listed.id);
    assert.ok(ids.includes(model));
    assert.equal((await client.models.retrieve(model)).id, model);
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${error.stack ?? error}`);
  }
}
process.exit(failed ? 1 : 0);
