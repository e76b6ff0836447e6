using System.Text;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Prompts;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>Requests that differ in anything but the question never share an answer, whatever the question: a property, over random requests.</summary>
public sealed class SemanticScopeTests
{
    private static readonly string[] Tenants = ["a", "b", "ab", "a\0b", ""];
    private static readonly string[] Texts = ["Be brief.", "Be brief. ", "be brief.", "", "You are a pirate.", "🌈", "x"];
    private static readonly string[] Questions = ["What is the capital of France?", "what's france's capital", "2+2?"];

    [Fact]
    public void RequestsThatDifferInAnythingButTheQuestion_HaveDifferentScopes()
    {
        var random = new Random(20261126);
        var seen = new Dictionary<CacheKey, string>();
        for (var round = 0; round < 20_000; round++)
        {
            var asked = RandomRequest(random);
            var scope = Scope(asked, Questions[random.Next(Questions.Length)]);
            if (scope is null)
            {
                continue;
            }

            // Whatever has the same scope is the same request.
            seen.TryAdd(scope.Value, asked.Identity);
            seen[scope.Value].ShouldBe(asked.Identity);
        }

        seen.Count.ShouldBeGreaterThan(5_000);
        seen.Values.Distinct().Count().ShouldBe(seen.Count);
    }

    [Fact]
    public void RequestsThatDifferInNothingButTheQuestion_HaveTheSameScope()
    {
        var random = new Random(7);
        for (var round = 0; round < 1_000; round++)
        {
            var asked = RandomRequest(random);
            Questions.Select(question => Scope(asked, question)).Distinct().Count().ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("""{"temperature":0.1}""", """{"temperature":0.2}""")]
    [InlineData("""{"top_p":0.1}""", "{}")]
    [InlineData("""{"seed":1}""", """{"seed":2}""")]
    [InlineData("""{"max_tokens":10}""", """{"max_completion_tokens":10}""")]
    [InlineData("""{"response_format":{"type":"json_object"}}""", "{}")]
    [InlineData("""{"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}}""", """{"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"array"}}}}""")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f"}}]}""", """{"tools":[{"type":"function","function":{"name":"g"}}]}""")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"none"}""", """{"tools":[{"type":"function","function":{"name":"f"}}]}""")]
    [InlineData("""{"some_new_field":{"a":[1]}}""", """{"some_new_field":{"a":[2]}}""")]
    [InlineData("""{"stop":"x"}""", """{"stop":["x"]}""")]
    [InlineData("""{"n":2}""", "{}")]
    public void AnyField_TellsScopesApart(string one, string other)
    {
        Scope(Asked("t", "gpt-4o-mini", "S", one), Questions[0]).ShouldNotBe(Scope(Asked("t", "gpt-4o-mini", "S", other), Questions[0]));
    }

    [Theory]
    [InlineData("""{"stream":true}""")]
    [InlineData("""{"user":"u"}""")]
    [InlineData("""{"metadata":{"a":"b"}}""")]
    public void HowItIsSent_DoesNot(string fields)
    {
        Scope(Asked("t", "gpt-4o-mini", "S", fields), Questions[0]).ShouldBe(Scope(Asked("t", "gpt-4o-mini", "S", "{}"), Questions[0]));
    }

    [Fact]
    public void PromptAndGeneration_TellScopesApart()
    {
        var asked = Asked("t", "gpt-4o-mini", "S", "{}");
        CacheKey?[] scopes =
        [
            Scope(asked, Questions[0]),
            Scope(asked, Questions[0], generation: "1"),
            Scope(asked, Questions[0], new PromptIdentity("p", "1", "h")),
            Scope(asked, Questions[0], new PromptIdentity("p", "2", "h")),
            Scope(asked, Questions[0], new PromptIdentity("p", "1", "i")),
            Scope(asked, Questions[0], new PromptIdentity("q", "1", "h")),
        ];

        scopes.Distinct().Count().ShouldBe(scopes.Length);
    }

    private static Request RandomRequest(Random random)
    {
        var fields = new JsonObject();
        void Perhaps(string name, params JsonNode[] values)
        {
            if (random.Next(3) == 0)
            {
                fields[name] = values[random.Next(values.Length)].DeepClone();
            }
        }

        Perhaps("temperature", 0, 0.5, 1);
        Perhaps("top_p", 0.1, 1);
        Perhaps("max_tokens", 5, 50);
        Perhaps("seed", 1, 2);
        Perhaps("stop", "a", new JsonArray("a"), new JsonArray("a", "b"));
        Perhaps("tools", JsonNode.Parse("""[{"type":"function","function":{"name":"f"}}]""")!, JsonNode.Parse("""[{"type":"function","function":{"name":"f","description":"x"}}]""")!);
        Perhaps("response_format", JsonNode.Parse("""{"type":"json_object"}""")!);
        Perhaps("vendor_field", 1, "1");
        return Asked(Tenants[random.Next(Tenants.Length)], random.Next(2) == 0 ? "gpt-4o-mini" : "gpt-4o", random.Next(4) == 0 ? null : Texts[random.Next(Texts.Length)], fields.ToJsonString());
    }

    private static Request Asked(string tenant, string model, string? system, string fields) => new(tenant, model, system, fields);

    private static CacheKey? Scope(Request asked, string question, PromptIdentity? prompt = null, string generation = "")
    {
        var body = JsonNode.Parse(asked.Fields)!.AsObject();
        body["model"] = asked.Model;
        var messages = new JsonArray();
        if (asked.System is not null)
        {
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = asked.System });
        }

        messages.Add(new JsonObject { ["role"] = "user", ["content"] = question });
        body["messages"] = messages;
        var request = ChatCompletionRequest.Parse(Encoding.UTF8.GetBytes(body.ToJsonString()));
        request.Options.Request = CacheKeyTests.Request(asked.Tenant, "/v1/chat/completions", asked.Model, prompt);
        var scope = CacheKey.WithoutQuestion(request.Options, request.Messages, generation, out var found);
        found.ShouldBe(question);
        return scope;
    }

    private sealed record Request(string Tenant, string Model, string? System, string Fields)
    {
        public string Identity => $"{Tenant}|{Model}|{System ?? "-none-"}|{Fields}";
    }
}
