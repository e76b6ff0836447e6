using System.Text.Json.Nodes;
using System.Text;
using LlmOps.Gateway.Providers.Offline;
using Microsoft.Extensions.AI;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Offline;

public class FuzzTests
{
    private static readonly string[] Fragments =
    [
        "Summarize", " in ", "one", "2", "sentences", ":", "\n\n", "\n", "\"", "'", "“", "”", "---", "```", "<text>", "</text>", "Context:", "Question:", "TL;DR", "what is ", "2+2", "(", ")", "^", "%", "/0",
        "Classify as ", "a, b or c", "Say ", "Count to ", "99999999999", "\ud800", "\udfff", "\0", "。", "今天", "👍", "Dr.", "U.S.", ".", "!", " ", "Paris", " and ", "weather", "reverse ", "how many words in ", "- ", "…", "\u200b", "\r\n", "é", "x", "-", "1.2.3",
    ];

    [Fact]
    public async Task RandomText_NeverThrows()
    {
        var random = new Random(4711);
        var options = new ChatOptions { Tools = [Ask.Weather()] };
        for (int i = 0; i < 1_500; i++)
        {
            var messages = Ask.Messages(RandomText(random), i % 3 == 0 ? RandomText(random) : null);

            var whole = await Ask.Response(false, messages, options);
            var streamed = await Ask.Response(true, messages, options);

            streamed.Text.ShouldBe(whole.Text);
        }
    }

    [Fact]
    public void RandomSchema_ValidAnswer()
    {
        var random = new Random(815);
        for (int i = 0; i < 600; i++)
        {
            string schema = RandomSchema(random, 0).ToJsonString();
            string answer = Ask.Text(RandomText(random), options: Ask.Schema(schema));

            SchemaValidation.IsValid(Ask.Json(schema), Ask.Json(answer)).ShouldBeTrue($"{schema}\n{answer}");
        }
    }

    [Theory]
    [InlineData("Summarize: ", "The cat sat on the mat. ")]
    [InlineData("", "a")]
    [InlineData("", "\"")]
    [InlineData("", "'")]
    [InlineData("", "(")]
    [InlineData("", "1+")]
    [InlineData("", "a:")]
    [InlineData("", "<a>")]
    [InlineData("Context:\n", "x\n\n")]
    [InlineData("Summarize in 3 bullet points: ", "word, ")]
    [InlineData("Classify as a or b: ", "\n")]
    [InlineData("Summarize in 20 words: ", "今天")]
    [InlineData("", " Paris and ")]
    public async Task HugeInput_IsAnswered(string start, string repeated)
    {
        string text = start + new StringBuilder().Insert(0, repeated, 4_000_000 / repeated.Length);
        var options = new ChatOptions { Tools = [Ask.Weather()] };

        // A generous deadline: anything quadratic would take hours.
        await Task.Run(() => OfflineAnswer.To(Ask.Messages(text), options)).WithinDeadlineAsync("an answer");
        await Task.Run(() => Ask.Text(text, options: Ask.Schema("""{"type":"object","properties":{"title":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}}},"required":["title","tags"]}"""))).WithinDeadlineAsync("a JSON answer");
    }

    private static string RandomText(Random random) => string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => Fragments[random.Next(Fragments.Length)]));

    private static JsonObject RandomSchema(Random random, int depth)
    {
        int low = random.Next(-20, 20);
        return random.Next(depth > 3 ? 5 : 9) switch
        {
            0 => new JsonObject { ["type"] = "string", ["minLength"] = random.Next(5), ["maxLength"] = random.Next(5, 50) },
            1 => new JsonObject { ["type"] = "integer", ["minimum"] = low, ["maximum"] = low + random.Next(6, 12), ["multipleOf"] = random.Next(1, 6) },
            2 => new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = low, ["exclusiveMaximum"] = low + 1 },
            3 => new JsonObject { ["enum"] = new JsonArray("x", 1, null, true) },
            4 => new JsonObject { ["type"] = new JsonArray("null", "boolean") },
            5 => new JsonObject { ["type"] = "array", ["items"] = RandomSchema(random, depth + 1), ["minItems"] = random.Next(3), ["maxItems"] = random.Next(3, 5) },
            6 => new JsonObject { ["anyOf"] = new JsonArray(RandomSchema(random, depth + 1), RandomSchema(random, depth + 1)) },
            7 => new JsonObject { ["allOf"] = new JsonArray(RandomObject(random, depth, "a"), RandomObject(random, depth, "b")) },
            _ => RandomObject(random, depth, "c"),
        };
    }

    private static JsonObject RandomObject(Random random, int depth, string prefix)
    {
        var properties = new JsonObject();
        for (int i = 0; i < random.Next(1, 4); i++)
        {
            properties[prefix + i] = RandomSchema(random, depth + 1);
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = new JsonArray([.. properties.Select(property => (JsonNode?)property.Key).Where(_ => random.Next(3) > 0)]) };
    }
}
