using System.Net;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Access;
using LlmOps.Tests.Access.Users;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Endpoints;

/// <summary>A key that the body of /invoke brings: for that call of OpenAI's alone, and told to nobody else.</summary>
public sealed class CallersKeyTests : GatewayTests
{
    private const string Own = "sk-callers-own-0123456789";

    public CallersKeyTests() => Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text("Hello"));

    [Theory]
    [InlineData("\"pk-12345\"")]
    [InlineData("\"sk-\"")]
    [InlineData("\"\"")]
    [InlineData("\"sk-with space\"")]
    [InlineData("\"sk-a\\nb\"")]
    [InlineData("7")]
    [InlineData("\"sk-llmops-0123456789\"")]
    public async Task MalformedKey_IsToldByItsFormAndNotQuoted(string key)
    {
        using var response = await Gateway.PostAsync("/invoke", $$"""{"request_id":"550e8400-e29b-41d4-a716-446655440000","user_prompt":"Hi","openai_api_key":{{key}}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var reply = await response.JsonAsync();
        reply.EnumerateObject().Select(field => field.Name).ShouldBe(["success", "request_id", "error", "timestamp"]);
        reply.GetProperty("request_id").GetString().ShouldBe("550e8400-e29b-41d4-a716-446655440000");
        reply.GetProperty("error").GetRawText().ShouldBe(
            """{"error_type":"validation_error","error_code":"INVALID_API_KEY","message":"Invalid OpenAI API key format","field":"openai_api_key","details":{"expected_format":"sk-..."}}""");
        reply.GetProperty("timestamp").GetString()!.ShouldEndWith("Z");
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Key_IsSentInPlaceOfTheGatewaysAndItsAccount()
    {
        Gateway.With("Gateway:Providers:openai:Organization", "org-gateway").With("Gateway:Providers:openai:Project", "proj-gateway");

        using var own = await InvokeAsync();
        using var next = await Gateway.PostAsync("/invoke", """{"request_id":"r-2","user_prompt":"Hi"}""");

        own.StatusCode.ShouldBe(HttpStatusCode.OK);
        var (first, second) = (await Fake.NextRequestAsync(), await Fake.NextRequestAsync());
        first.Headers.Authorization.ToString().ShouldBe($"Bearer {Own}");
        (first.Headers["OpenAI-Organization"].Count, first.Headers["OpenAI-Project"].Count).ShouldBe((0, 0));
        first.BodyText.ShouldNotContain(Own);
        second.Headers.Authorization.ToString().ShouldBe($"Bearer {GatewayApplication.ProviderKey}");
        second.Headers["OpenAI-Organization"].ToString().ShouldBe("org-gateway");
    }

    [Fact]
    public async Task WithoutAKeyOfTheGateway_TheCallersWillDo()
    {
        await using var bare = new GatewayApplication().With("Gateway:Providers:openai:BaseUrl", new Uri(Fake.BaseAddress, "v1").ToString());

        using var named = await bare.PostAsync("/invoke", Body("\"model\":\"gpt-3.5-turbo\""));
        using var unnamed = await bare.PostAsync("/invoke", Body());
        using var without = await bare.PostAsync("/invoke", """{"request_id":"r","user_prompt":"Hi","model":"gpt-4o"}""");

        (await named.JsonAsync()).GetProperty("model").GetString().ShouldBe("gpt-3.5-turbo");
        (await unnamed.JsonAsync()).GetProperty("model").GetString().ShouldBe("gpt-4o-mini");
        without.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Theory]
    [InlineData("offline", 400, "INVALID_VALUE")]
    [InlineData("gemini-2.5-flash", 400, "INVALID_VALUE")]
    [InlineData("groq-kimi-primary", 400, "INVALID_VALUE")]
    [InlineData("no-such-model", 404, "MODEL_NOT_FOUND")]
    public async Task ModelOfAnotherProvider_IsRefused(string model, int status, string code)
    {
        using var response = await Gateway.PostAsync("/invoke", Body($"\"model\":\"{model}\""));

        ((int)response.StatusCode).ShouldBe(status);
        var error = (await response.JsonAsync()).GetProperty("error");
        (error.GetProperty("error_code").GetString(), error.GetProperty("field").GetString()).ShouldBe((code, "model"));
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Answer_IsNeitherKeptNorTakenFromTheCacheNorShared()
    {
        using var kept = await Gateway.PostAsync("/invoke", """{"request_id":"kept","user_prompt":"Hi"}""");
        using var gate = new Gate();
        var answer = Fake.Handler;
        Fake.Handler = request => request.Headers.Authorization.ToString().Contains(Own, StringComparison.Ordinal)
            ? FakeReply.Head(200, ("Content-Type", "application/json")).ThenWaitFor(gate.Opened).Piece(FakeOpenAI.Completion(FakeAnswer.Text("Mine"))).ThenClose()
            : answer(request);

        var both = new[] { InvokeAsync(), InvokeAsync() };
        await Fake.WaitForAsync(() => Fake.Requests.Count == 3);
        gate.Open();
        foreach (var response in await Task.WhenAll(both))
        {
            response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("bypass");
            (await response.JsonAsync()).GetProperty("data").GetProperty("response").GetString().ShouldBe("Mine");
            response.Dispose();
        }

        using var others = await Gateway.PostAsync("/invoke", """{"request_id":"others","user_prompt":"Hi"}""");

        (await others.JsonAsync()).GetProperty("data").GetProperty("response").GetString().ShouldBe("Hello");
        others.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("hit-memory");
    }

    [Theory]
    [InlineData(401, 401, "INVALID_API_KEY", "openai_api_key")]
    [InlineData(403, 403, "PERMISSION_DENIED", "openai_api_key")]
    [InlineData(429, 429, "RATE_LIMIT_EXCEEDED", null)]
    [InlineData(500, 502, "PROVIDER_ERROR", null)]
    public async Task FailureOfTheKey_IsToldToItsCallerAndNothingToTheGatewaysOwn(int upstream, int status, string code, string? field)
    {
        Gateway.With("Gateway:Routing:MaxAttempts", "4").With("Gateway:Routing:KeyCooldown", "1h").With("Gateway:Routing:Breaker:MinimumCalls", "1")
            .With("Gateway:Routing:Backoff", "1ms").With("Gateway:Routing:MaxBackoff", "1ms");
        var answer = Fake.Handler;
        Fake.Handler = request => request.Headers.Authorization.ToString().Contains(Own, StringComparison.Ordinal)
            ? FakeReply.Json(upstream, FakeErrors.OpenAI($"Incorrect API key provided: {Own}.", Own, Own, Own))
            : answer(request);

        using var failed = await InvokeAsync();
        using var after = await Gateway.PostAsync("/invoke", """{"request_id":"r","user_prompt":"Hi"}""");

        ((int)failed.StatusCode).ShouldBe(status);
        var body = await failed.Content.ReadAsStringAsync();
        body.ShouldNotContain(Own);
        var error = JsonElement.Parse(body).GetProperty("error");
        (error.GetProperty("error_code").GetString(), error.GetProperty("field").GetString()).ShouldBe((code, field));
        after.StatusCode.ShouldBe(HttpStatusCode.OK);
        Gateway.Logs.All.ShouldAllBe(log => !log.Message.Contains(Own) && !log.State.Values.Any(value => $"{value}".Contains(Own)) && !$"{log.Exception}".Contains(Own));
        Gateway.Logs.All.ShouldNotContain(log => log.Message.StartsWith("Key ", StringComparison.Ordinal) || log.Message.StartsWith("Target ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ModelWithStandIns_IsAskedAtOpenAIAlone()
    {
        await using var elsewhere = new FakeServer(FakeOpenAI.Handler(FakeAnswer.Text("Elsewhere")));
        Gateway.With("Gateway:Providers:other:Type", "openai").With("Gateway:Providers:other:BaseUrl", new Uri(elsewhere.BaseAddress, "v1").ToString())
            .With("Gateway:Models:mixed:Targets:0:Provider", "openai").With("Gateway:Models:mixed:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:mixed:Targets:1:Provider", "other").With("Gateway:Models:mixed:Targets:1:Model", "x").With("Gateway:Routing:MaxAttempts", "4")
            .With("Gateway:Routing:Backoff", "1ms").With("Gateway:Routing:MaxBackoff", "1ms");
        Fake.Handler = _ => FakeOpenAI.Error(503, "overloaded");

        using var response = await Gateway.PostAsync("/invoke", Body("\"model\":\"mixed\""));

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Fake.Requests.ShouldAllBe(request => request.Headers.Authorization.ToString() == $"Bearer {Own}");
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Cost_CountsAsOfAnyCall()
    {
        var (_, key) = await Gateway.CreateKeyAsync("""{"name":"ci","budget":{"usd":0,"period":"total"}}""");

        using var response = await Gateway.SendAsync("POST", "/invoke", key, Body("\"model\":\"gpt-4o\""));

        ((int)response.StatusCode).ShouldBe(429);
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Key_IsInNoFile()
    {
        using var response = await Gateway.PostAsync("/invoke", Body("\"model\":\"gpt-4o\""));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var files = Directory.GetFiles(Gateway.Services.GetRequiredService<DataFolder>().Path, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal));
        var texts = await Task.WhenAll(files.Select(async file =>
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync();
        }));
        texts.ShouldContain(text => text.Contains("gpt-4o"), "the request itself is recorded");
        texts.ShouldAllBe(text => !text.Contains(Own));
    }

    private Task<HttpResponseMessage> InvokeAsync() => Gateway.PostAsync("/invoke", Body());

    // Each is a request of its own.
    private static string Body(string? more = null) => $$"""{"request_id":"{{Guid.NewGuid()}}","user_prompt":"Hi","openai_api_key":"{{Own}}"{{(more is null ? "" : "," + more)}}}""";
}
