using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers;

/// <summary>However an exchange fails, the provider's key is in no answer, no log line and no address.</summary>
public sealed class SecretTests : ProviderTests
{
    private const string Key = GatewayApplication.ProviderKey;

    private static readonly Dictionary<string, Func<TestedProvider, FakeReply>> Failures = new()
    {
        ["400 quoting the key"] = provider => provider.Error(400, $"Header 'Bearer {Key}' is strange"),
        ["401 quoting the key"] = provider => provider.Error(401, $"Incorrect API key provided: {Key}."),
        ["403 quoting the key"] = provider => provider.Error(403, $"Key {Key} may not do this"),
        ["404 quoting the key"] = provider => provider.Error(404, $"model '{Key}' not found"),
        ["429 quoting the key"] = provider => provider.Error(429, $"{Key} is over its limit"),
        ["500 quoting the key"] = provider => provider.Error(500, $"No worker for {Key}"),
        ["code, type and field are the key"] = _ => FakeReply.Json(400, FakeErrors.OpenAI("x", Key, Key, Key)),
        ["code, type and field contain the key"] = _ => FakeReply.Json(400, FakeErrors.OpenAI("x", $"type-{Key}", $"field-{Key}", $"code-{Key}")),
        ["finish reason of the key"] = _ => FakeReply.Json(200, $$"""{"candidates":[{"finishReason":"{{Key}}" }],"content":[],"stop_reason":"{{Key}}","message":{"content":"" },"done":true,"done_reason":"{{Key}}"}"""),
        ["block reason of the key"] = _ => FakeReply.Json(200, $$"""{"promptFeedback":{"blockReason":"{{Key}}"} }"""),
        ["request id that is the key"] = provider => provider.Error(500, "x").Header("x-request-id", Key).Header("request-id", Key),
        ["content type of the key"] = _ => FakeReply.Text(200, $"text/{Key}", "x"),
        ["content encoding of the key"] = _ => FakeReply.Text(200, "application/json", "x", ("Content-Encoding", Key)),
        ["status line of the key"] = _ => FakeReply.RawBytes(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 {Key}\r\n\r\n")),
        ["header line of the key"] = _ => FakeReply.RawBytes(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{Key}\r\n\r\n")),
        ["chunk length of the key"] = _ => FakeReply.RawBytes(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{Key}\r\n")),
        ["HTML quoting the key"] = _ => FakeReply.Text(502, "text/html", $"<html>{Key}</html>"),
        ["HTML in place of an answer"] = _ => FakeReply.Text(200, "text/html", $"<html>{Key}</html>"),
        ["malformed JSON"] = _ => FakeReply.Json(200, $$"""{"error":{{Key}}"""),
        ["JSON that is just the key"] = _ => FakeReply.Json(200, $"\"{Key}\""),
        ["error inside 200"] = provider => FakeReply.Json(200, provider.InStreamErrorBody(Key)),
        ["redirect"] = _ => FakeReply.Text(302, "text/plain", Key, ("Location", $"https://elsewhere.example/?key={Key}")),
        ["cut body"] = _ => FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece($$"""{"key":"{{Key}}""").ThenClose(),
        ["reset"] = _ => FakeReply.Reset(),
        ["silence"] = _ => FakeReply.Silence(),
        ["silent body"] = _ => FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece($$"""{"key":"{{Key}}""").ThenSilence(),
    };

    public static TheoryData<string, string> ProvidersAndFailures
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var provider in TestedProvider.All)
            {
                foreach (var failure in Failures.Keys)
                {
                    data.Add(provider.Name, failure);
                }
            }

            return data;
        }
    }

    public SecretTests() => Gateway.With("Gateway:Providers:ollama:ApiKey", Key);

    [Theory]
    [MemberData(nameof(ProvidersAndFailures))]
    public async Task FailedExchange_DoesNotTellTheKey(string name, string failure)
    {
        if (failure.StartsWith("silen", StringComparison.Ordinal))
        {
            Gateway.With("Gateway:Routing:TotalTimeout", "200ms");
        }

        var provider = TestedProvider.Named(name);
        Fake.Handler = _ => Failures[failure](provider);

        await FailAsync(provider);

        Fake.Requests.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ErrorEventQuotingTheKey_DoesNotTellIt(string name)
    {
        var provider = TestedProvider.Named(name);
        using var gate = new Gate();
        var events = provider.StreamEvents(FakeAnswer.Text("one ", "two ", "three"));
        var error = provider.InStreamErrorBody(Key);
        var last = name == "ollama" ? error + "\n" : name == "anthropic" ? $"event: error\ndata: {error}\n\n" : $"data: {error}\n\n";
        Fake.Handler = _ => provider.Stream(events.Take(Math.Min(4, events.Count - 1))).ThenWaitFor(gate.Opened).Piece(last);

        using var response = await Gateway.CompleteAsync(Body(provider, streaming: true), stream: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        stream.Error.ShouldNotBeNull();
        stream.Chunks.ShouldAllBe(chunk => !chunk.GetRawText().Contains(Key));
        await CheckLogsAsync(1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task UnreachableProvider_DoesNotTellTheKey(string name)
    {
        var gone = new FakeServer();
        await gone.DisposeAsync();
        Gateway.With($"Gateway:Providers:{name}:BaseUrl", new Uri(gone.BaseAddress, TestedProvider.Named(name).BasePath).ToString());

        await FailAsync(TestedProvider.Named(name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task FailedTls_DoesNotTellTheKey(string name)
    {
        await using var plain = new FakeServer { Accept = AcceptMode.Close };
        Gateway.With($"Gateway:Providers:{name}:BaseUrl", $"https://127.0.0.1:{plain.BaseAddress.Port}/{TestedProvider.Named(name).BasePath}");

        await FailAsync(TestedProvider.Named(name));
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task SuccessfulExchange_HasTheKeyInAHeaderOnly(string name, bool streaming)
    {
        var provider = TestedProvider.Named(name);
        AnswerAll(_ => FakeAnswer.Text("Hi"));

        using var response = await Gateway.CompleteAsync(Body(provider, streaming), streaming);

        (await response.Content.ReadAsStringAsync()).ShouldNotContain(Key);
        await CheckLogsAsync(1);
        CheckRequests();
        Fake.Requests.Single().Headers.SelectMany(header => header.Value).Count(value => value!.Contains(Key)).ShouldBe(1);
    }

    private async Task FailAsync(TestedProvider provider)
    {
        (string Path, string Body, bool Streaming)[] ways =
        [
            ("/v1/chat/completions", Body(provider, streaming: false), false),
            ("/v1/chat/completions", Body(provider, streaming: true), true),
            ("/chat", $$"""{"prompt":"Hi","model":"{{provider.Model}}"}""", false),
        ];
        foreach (var (path, body, streaming) in ways)
        {
            using var response = await Gateway.PostAsync(path, body, streaming);

            response.IsSuccessStatusCode.ShouldBeFalse();
            (await response.Content.ReadAsStringAsync()).ShouldNotContain(Key);
            response.Headers.Concat(response.Content.Headers).SelectMany(header => header.Value).ShouldAllBe(value => !value.Contains(Key));
        }

        await CheckLogsAsync(ways.Length);
        CheckRequests();
    }

    private async Task CheckLogsAsync(int requests)
    {
        await Gateway.Logs.FirstAsync(_ => Gateway.Logs.Requests.Count() == requests);
        Gateway.Logs.All.ShouldAllBe(log => !log.Message.Contains(Key) && !log.State.Values.Any(value => $"{value}".Contains(Key)) && !$"{log.Exception}".Contains(Key));
    }

    private void CheckRequests()
    {
        foreach (var request in Fake.Requests)
        {
            request.Path.ShouldNotContain(Key);
            request.Query.SelectMany(pair => pair.Value.Append(pair.Key)).ShouldAllBe(text => !text!.Contains(Key));
            request.BodyText.ShouldNotContain(Key);
        }
    }
}

/// <summary>Errors that quote a key.</summary>
file static class Quotes
{
    /// <summary>An error as the provider tells it inside a stream or a 200.</summary>
    public static string InStreamErrorBody(this TestedProvider provider, string key) => provider.Name switch
    {
        "gemini" => FakeErrors.Gemini(500, $"No worker for {key}", "INTERNAL"),
        "anthropic" => FakeErrors.Anthropic("overloaded_error", $"No worker for {key}"),
        "ollama" => FakeErrors.Plain($"No worker for {key}"),
        "openrouter" => FakeErrors.OpenRouter(502, $"No worker for {key}"),
        _ => FakeErrors.OpenAI($"No worker for {key}", "server_error"),
    };
}
