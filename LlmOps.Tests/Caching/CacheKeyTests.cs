using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Redis;
using LlmOps.Gateway.Routing;
using LlmOps.Tests.Configuration;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Caching;

/// <summary>Whose answer it is, and everything it depends on, is in its key; how it was asked for is not.</summary>
public sealed class CacheKeyTests
{
    private const string Body = """{"model":"fast","messages":[{"role":"user","content":"Hi"}],"temperature":0,"max_tokens":5,"vendor":{"x":1,"y":[1,2]}}""";

    private readonly CacheGenerations _generations = new(new NoRedis(), TimeProvider.System, NullLogger<CacheGenerations>.Instance);

    [Fact]
    public void OfAHundredThousandRandomPairs_NoTwoTenantsShareAKey()
    {
        var random = new Random(11);
        var seen = new Dictionary<CacheKey, (string Tenant, string Text)>();
        for (var pair = 0; pair < 100_000; pair++)
        {
            var (tenant, text) = ($"t{random.Next(50)}", $"q{random.Next(2000)}");
            var key = Key(Body.Replace("Hi", text, StringComparison.Ordinal), tenant: tenant);

            if (!seen.TryAdd(key, (tenant, text)))
            {
                seen[key].ShouldBe((tenant, text));
            }
        }

        seen.Count.ShouldBe(seen.Values.Distinct().Count());
    }

    [Fact]
    public void EachFieldOutsideTheDenyList_ChangesIt()
    {
        var keys = new HashSet<CacheKey> { Key(Body) };
        foreach (var change in new Action<JsonObject>[]
        {
            body => body["model"] = "faster",
            body => body["messages"]![0]!["content"] = "Hi.",
            body => body["messages"]![0]!["role"] = "system",
            body => body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "More" }),
            body => body["temperature"] = 1,
            body => body["max_tokens"] = 6,
            body => body["vendor"]!["x"] = 2,
            body => body["vendor"]!["y"] = new JsonArray(2, 1),
            body => body["vendor"]!["user"] = "nested",
            body => body["unknown"] = null,
            body => body["seed"] = 1,
            body => body["tools"] = new JsonArray(),
            body => body.Remove("vendor"),
        })
        {
            var body = JsonNode.Parse(Body)!.AsObject();
            change(body);

            keys.Add(Key(body.ToJsonString())).ShouldBeTrue(body.ToJsonString());
        }
    }

    [Fact]
    public void WhoElse_IsInItToo()
    {
        CacheKey[] keys =
        [
            Key(Body),
            Key(Body, tenant: "other"),
            Key(Body, family: "/chat"),
            Key(Body, route: "fast2"),
            Key(Body, prompt: new("summarizer", "v1", "h1")),
            Key(Body, prompt: new("summarizer", "v2", "h1")),
            Key(Body, prompt: new("summarizer", "v1", "h2")),
            Key(Body, prompt: new("translator", "v1", "h1")),
        ];

        keys.Distinct().Count().ShouldBe(keys.Length);
    }

    [Theory]
    [InlineData("stream", "true")]
    [InlineData("stream_options", """{"include_usage":true},"stream":true""")]
    [InlineData("user", "\"me\"")]
    [InlineData("metadata", """{"a":"b"}""")]
    [InlineData("request_id", "\"r\"")]
    public void DeniedFields_MakeNoDifference(string name, string value) =>
        Key(Body[..^1] + $",\"{name}\":{value}}}").ShouldBe(Key(Body));

    [Fact]
    public void OrderAndSpace_MakeNoDifference() =>
        Key("""{ "vendor" : {"y":[1, 2],"x":1}, "max_tokens":5,"temperature":0, "messages":[{"content":"Hi","role":"user"}],"model":"fast" }""").ShouldBe(Key(Body));

    [Fact]
    public async Task Clearing_ChangesTheKeysOfItsScopeAlone()
    {
        var (before, other) = (Key(Body, tenant: "a"), Key(Body, tenant: "b"));

        await _generations.ClearAsync(CacheGenerations.Scope("tenant", "a"));

        Key(Body, tenant: "a").ShouldNotBe(before);
        Key(Body, tenant: "b").ShouldBe(other);
        await _generations.ClearAsync(CacheGenerations.All);
        Key(Body, tenant: "b").ShouldNotBe(other);
    }

    [Fact]
    public void TypedRequests_DifferByRoleTextAndParameters()
    {
        ChatMessage User(string text) => new(ChatRole.User, text);
        CacheKey?[] keys =
        [
            Typed(0.7f, 10, User("ab"), User("c")),
            Typed(0.7f, 10, User("a"), User("bc")),
            Typed(0.7f, 10, User("abc")),
            Typed(0.7f, 10, new ChatMessage(ChatRole.System, "abc")),
            Typed(0.7f, 11, User("abc")),
            Typed(0.8f, 10, User("abc")),
        ];

        keys.ShouldAllBe(key => key != null);
        keys.Distinct().Count().ShouldBe(keys.Length);
        Typed(0.7f, 10, new ChatMessage(ChatRole.User, [new DataContent("data:image/png;base64,AA==")])).ShouldBeNull();
    }

    [Fact]
    public void TypedRequests_DifferByTheirTools()
    {
        FunctionTool Tool(string name = "f", string? description = null, string schema = "{}", bool strict = false) => new(name, description, JsonElement.Parse(schema), strict, null);
        CacheKey?[] keys =
        [
            WithTools(new ChatOptions()),
            WithTools(new ChatOptions { Tools = [Tool()] }),
            WithTools(new ChatOptions { Tools = [Tool("g")] }),
            WithTools(new ChatOptions { Tools = [Tool(description: "d")] }),
            WithTools(new ChatOptions { Tools = [Tool(schema: """{"type":"object"}""")] }),
            WithTools(new ChatOptions { Tools = [Tool(strict: true)] }),
            WithTools(new ChatOptions { Tools = [Tool(), Tool("g")] }),
            WithTools(new ChatOptions { Tools = [Tool()], ToolMode = ChatToolMode.Auto }),
            WithTools(new ChatOptions { Tools = [Tool()], ToolMode = ChatToolMode.RequireAny }),
            WithTools(new ChatOptions { Tools = [Tool()], ToolMode = ChatToolMode.RequireSpecific("f") }),
            WithTools(new ChatOptions { Tools = [Tool()], AllowMultipleToolCalls = false }),
        ];

        keys.ShouldAllBe(key => key != null);
        keys.Distinct().Count().ShouldBe(keys.Length);
        WithTools(new ChatOptions { Tools = [new HostedWebSearchTool()] }).ShouldBeNull();
    }

    private CacheKey? WithTools(ChatOptions asked) => CacheKey.Of(
        new GatewayChatOptions { Tools = asked.Tools, ToolMode = asked.ToolMode, AllowMultipleToolCalls = asked.AllowMultipleToolCalls, Request = Request("default", "/prompts", "fast", null) },
        [new ChatMessage(ChatRole.User, "Hi")], _generations);

    private CacheKey Key(string body, string tenant = "default", string family = "/v1/chat/completions", string route = "fast", PromptIdentity? prompt = null)
    {
        var parsed = ChatCompletionRequest.Parse(Encoding.UTF8.GetBytes(body));
        parsed.Options.Request = Request(tenant, family, route, prompt);
        return CacheKey.Of(parsed.Options, parsed.Messages, _generations)!.Value;
    }

    private CacheKey? Typed(float temperature, int maxTokens, params ChatMessage[] messages) => CacheKey.Of(
        new GatewayChatOptions { Temperature = temperature, MaxOutputTokens = maxTokens, Request = Request("default", "/chat", "fast", null) }, messages, _generations);

    private static readonly Lazy<LlmOps.Gateway.Configuration.GatewaySnapshot> Snapshot = new(() => ConfigurationTests.Build());

    internal static GatewayRequest Request(string tenant, string family, string route, PromptIdentity? prompt)
    {
        var request = new GatewayRequest
        {
            RequestId = "r1",
            Endpoint = family,
            Family = family,
            Principal = new Principal(tenant, "someone", Roles.User),
            Configuration = Snapshot.Value,
            StartedAt = 0,
            Timeout = TimeSpan.FromMinutes(1),
            CallerGone = default,
            Stopping = default,
            Route = new ModelRoute(route, [FakeRequests.Target()], TargetStrategies.All[TargetStrategies.Default]),
        };
        if (prompt is not null)
        {
            request.MakeFrom(prompt);
        }

        return request;
    }
}
