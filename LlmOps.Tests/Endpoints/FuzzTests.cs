using System.Net;
using System.Text;
using LlmOps.Tests.Fakes;
using Xunit.Abstractions;

namespace LlmOps.Tests.Endpoints;

/// <summary>Valid bodies, mutated: whatever comes, the answer is no 5xx of the gateway's own making, and it comes.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Cases = 20_000;
    private const int Seed = 20261121;
    private const int Concurrency = 16;

    private static readonly string[] Valid =
    [
        """{"model":"offline","messages":[{"role":"user","content":"What is 2+2?"}]}""",
        """{"model":"gpt-4o","messages":[{"role":"system","content":"Be brief"},{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}}]}],"temperature":0.5,"top_p":0.9,"max_tokens":16,"n":2,"stop":["a","b"],"seed":7,"user":"u","logprobs":true,"top_logprobs":3}""",
        """{"model":"offline","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Count to 3"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"integer","minimum":1},"minItems":2},"b":{"enum":["x","y"]}},"required":["a","b"]}}}}""",
        """{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Weather in Paris?"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"w","arguments":"{\"city\":\"Paris\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"sunny"}],"tools":[{"type":"function","function":{"name":"w","description":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],"tool_choice":{"type":"function","function":{"name":"w"}},"parallel_tool_calls":false}""",
        """{"model":"offline","messages":[{"role":"user","content":"Weather in Paris?"}],"tools":[{"type":"function","function":{"name":"get_weather","description":"The weather in a city","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}}}],"tool_choice":"required"}""",
        """{"model":"offline-embedding","input":["Where is it?","There \u00e4"],"dimensions":16,"encoding_format":"base64","user":"u"}""",
        """{"model":"text-embedding-3-small","input":[[1,2,3],[4]],"dimensions":8,"encoding_format":"float"}""",
        """{"prompt":"Summarize: A. B. C.","context":"x","system":"y","model":"offline","temperature":1,"max_tokens":5}""",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "-1", "0", "1e400", "-0.0", "99999999999999999999", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[]]]", "[null]", "{\"type\":\"text\"}",
        "{\"a\":{\"a\":{\"a\":1}}}", "\"data:image/png;base64,!!\"", "\"offline\"", "\"user\"", "\"tool\"", "\"json_schema\"", "3.5", "\"" + new string('y', 5000) + "\"",
    ];

    [Fact]
    public async Task MutatedBodies_AreAnsweredWithoutAServerError()
    {
        var (chat, embeddings) = (FakeOpenAI.Handler(FakeAnswer.Text("ok")), FakeOpenAIEmbeddings.Handler(new FakeVectors()));
        await using var fake = new FakeServer(request => request.Path == FakeOpenAIEmbeddings.Path ? embeddings(request) : chat(request));
        await using var gateway = new GatewayApplication().WithOpenAI(fake);
        var http = gateway.Http;
        var random = new Random(Seed);
        var bodies = Enumerable.Range(0, Cases).Select(_ => Mutate(random)).ToList();
        var statuses = new int[600];

        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (body, cancellationToken) =>
        {
            var path = body.AsSpan().IndexOf("\"prompt\""u8) >= 0 ? "/chat" : body.AsSpan().IndexOf("\"input\""u8) >= 0 ? FakeOpenAIEmbeddings.Path : "/v1/chat/completions";
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");
            using var response = await http.PostAsync(path, content, cancellationToken);

            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            Interlocked.Increment(ref statuses[(int)response.StatusCode]);
            ((int)response.StatusCode).ShouldBeLessThan(500, $"{Encoding.UTF8.GetString(body)}\n{text}");
            if (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType!.MediaType == "text/event-stream")
            {
                text.ShouldEndWith("data: [DONE]\n\n", Case.Sensitive, Encoding.UTF8.GetString(body));
            }
        });

        for (var status = 0; status < statuses.Length; status++)
        {
            if (statuses[status] > 0)
            {
                output.WriteLine($"{status}: {statuses[status]}");
            }
        }

        // The corpus must reach both sides of the checks to prove anything.
        statuses[200].ShouldBeGreaterThan(Cases / 20);
        statuses[400].ShouldBeGreaterThan(Cases / 4);
        fake.Faults.ShouldBeEmpty();
    }

    private static byte[] Mutate(Random random)
    {
        var body = Encoding.UTF8.GetBytes(Valid[random.Next(Valid.Length)]);
        var mutations = random.Next(1, 4);
        for (var mutation = 0; mutation < mutations; mutation++)
        {
            body = random.Next(12) switch
            {
                0 => FlipByte(body, random),
                1 => body[..random.Next(body.Length)],
                2 => [.. body[..random.Next(body.Length)], .. body[random.Next(body.Length)..]],
                3 => Insert(body, random),
                _ => ReplaceValue(body, random),
            };
            if (body.Length == 0)
            {
                break;
            }
        }

        return body;
    }

    private static byte[] FlipByte(byte[] body, Random random)
    {
        var copy = body.ToArray();
        copy[random.Next(copy.Length)] = (byte)random.Next(256);
        return copy;
    }

    private static byte[] Insert(byte[] body, Random random)
    {
        var position = random.Next(body.Length);
        return [.. body[..position], .. Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]), .. body[position..]];
    }

    // Swaps the value after some colon for another one, so that the body stays JSON and the checks behind the parser are reached.
    private static byte[] ReplaceValue(byte[] body, Random random)
    {
        var text = Encoding.UTF8.GetString(body);
        var colons = Enumerable.Range(0, text.Length).Where(index => text[index] == ':').ToList();
        if (colons.Count == 0)
        {
            return body;
        }

        var start = colons[random.Next(colons.Count)] + 1;
        var end = EndOfValue(text, start);
        return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, start), Values[random.Next(Values.Length)], text.AsSpan(end)));
    }

    private static int EndOfValue(string text, int start)
    {
        var depth = 0;
        var inString = false;
        for (var index = start; index < text.Length; index++)
        {
            var character = text[index];
            if (character == '"' && text[index - 1] != '\\')
            {
                inString = !inString;
            }
            else if (!inString && character is '{' or '[')
            {
                depth++;
            }
            else if (!inString && character is '}' or ']')
            {
                if (depth-- == 0)
                {
                    return index;
                }
            }
            else if (!inString && character == ',' && depth == 0)
            {
                return index;
            }
        }

        return text.Length;
    }
}
