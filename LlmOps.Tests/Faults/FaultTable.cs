using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;

namespace LlmOps.Tests.Faults;

/// <summary>All faults, in the order in which they can happen on a request's way.</summary>
internal static class FaultTable
{
    private static readonly TimeSpan DripPause = TimeSpan.FromMilliseconds(20);

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("refuses the connection", FaultModes.Both, 2, "provider_unreachable") { Address = _ => Refusing() },
        new("has an unknown host name", FaultModes.Both, 2, "provider_unreachable") { Address = _ => new Uri("http://no-such-host.invalid/") },
        new("fails TLS", FaultModes.Both, 2, "provider_unreachable") { Address = address => new UriBuilder(address) { Scheme = "https" }.Uri, Reply = (_, _) => FakeReply.Close() },
        new("takes the request and stays silent", FaultModes.Both, 1, "provider_timeout") { Reply = (_, _) => FakeReply.Silence() },
        new("resets the connection instead of answering", FaultModes.Both, 2, "provider_unreachable") { Reply = (_, _) => FakeReply.Reset() },
        new("closes the connection instead of answering", FaultModes.Both, 2, "provider_unreachable") { Reply = (_, _) => FakeReply.Close() },
        new("answers 400", FaultModes.Both, 1, "invalid_request", "invalid_request_error", "INVALID_ARGUMENT") { FailsOver = false, Reply = Status(400) },
        new("answers 401", FaultModes.Both, 1, "provider_authentication") { Reply = Status(401) },
        new("answers 402", FaultModes.Both, 1, "insufficient_quota") { Reply = Status(402) },
        new("answers 403", FaultModes.Both, 1, "provider_authentication") { Reply = Status(403) },
        new("answers 404", FaultModes.Both, 1, "model_not_found") { Reply = Status(404) },
        new("answers 408", FaultModes.Both, 2, "provider_timeout") { Reply = Status(408) },
        new("answers 413", FaultModes.Both, 1, "request_too_large") { Reply = Status(413) },
        new("answers 429 with Retry-After", FaultModes.Both, 1, "rate_limit_exceeded") { Reply = (provider, _) => provider.Error(429, "Slow down").Header("Retry-After", "60") },
        new("answers 429 without Retry-After", FaultModes.Both, 1, "rate_limit_exceeded") { Reply = Status(429), TriesAlone = 2 },
        new("has no quota left for today", FaultModes.Both, 1, "insufficient_quota") { Reply = (provider, _) => NoQuota(provider) },
        new("answers 500", FaultModes.Both, 2, "provider_error") { Reply = Status(500) },
        new("answers 502 with HTML", FaultModes.Both, 2, "provider_error") { Reply = (_, _) => FakeReply.Text(502, "text/html", "<html><body>Bad gateway</body></html>") },
        new("answers 503", FaultModes.Both, 2, "provider_overloaded") { Reply = Status(503) },
        new("answers 504", FaultModes.Both, 2, "provider_timeout") { Reply = Status(504) },
        new("answers 529", FaultModes.Both, 2, "provider_overloaded") { Reply = Status(529) },
        new("redirects", FaultModes.Both, 1, "provider_error") { Reply = (_, _) => FakeReply.Text(307, "text/plain", "", ("Location", "http://127.0.0.1:9/")) },
        new("answers with another content type", FaultModes.Both, 1, "provider_bad_response") { Reply = (_, _) => FakeReply.Text(200, "text/html", "<html></html>") },
        new("sends headers and then nothing", FaultModes.Both, 1, "provider_timeout") { Reply = (provider, streaming) => Head(provider, streaming).ThenSilence() },
        new("sends an empty body", FaultModes.Whole, 1, "provider_bad_response") { Reply = (_, _) => FakeReply.Json(200, "") },
        new("sends a body that is not JSON", FaultModes.Whole, 1, "provider_bad_response") { Reply = (_, _) => FakeReply.Json(200, "Internal Server Error") },
        new("sends truncated JSON with a regular end", FaultModes.Whole, 1, "provider_bad_response") { Reply = (_, _) => FakeReply.Json(200, "{\"id\":\"x\",\"cho") },
        new("breaks the body off", FaultModes.Whole, 2, "provider_stream_interrupted") { Reply = (_, _) => HalfABody().ThenClose() },
        new("resets the connection in the body", FaultModes.Whole, 2, "provider_stream_interrupted") { Reply = (_, _) => HalfABody().ThenReset() },
        new("falls silent in the body", FaultModes.Whole, 1, "provider_timeout") { Reply = (_, _) => HalfABody().ThenSilence() },
        new("sends the body a byte at a time", FaultModes.Whole, 1, "provider_timeout") { Reply = (_, _) => Drip(HalfABody(), " ") },
        new("tells an error inside a 200", FaultModes.Whole, 2, "provider_error", "provider_overloaded") { Reply = (provider, _) => FakeReply.Json(200, ErrorInside(provider)) },
        new("sends an empty stream", FaultModes.Streamed, 2, "provider_stream_interrupted") { Reply = (provider, _) => provider.Stream([]).ThenEnd() },
        new("falls silent before its first content", FaultModes.Streamed, 1, "provider_timeout") { Reply = (provider, _) => provider.Stream([KeepAlive(provider)]).ThenSilence() },
        new("sends keep-alives and no content", FaultModes.Streamed, 1, "provider_timeout") { Reply = (provider, _) => Drip(provider.Stream([]), KeepAlive(provider)) },
        new("resets the connection before its first content", FaultModes.Streamed, 2, "provider_stream_interrupted") { Reply = (provider, _) => provider.Stream([KeepAlive(provider)]).ThenReset() },
        new("sends an error event before its first content", FaultModes.Streamed, 2, "provider_error", "provider_overloaded") { Reply = (provider, _) => provider.Stream([provider.InStreamError]).ThenEnd() },
        new("sends a malformed event before its first content", FaultModes.Streamed, 1, "provider_bad_response") { Reply = (provider, _) => provider.Stream([Malformed(provider)]).ThenEnd() },
        new("sends a line of 10 MB", FaultModes.Streamed, 1, "provider_bad_response") { Reply = (provider, _) => provider.Stream(["data: " + new string('x', 10 * 1024 * 1024)]).ThenEnd() },
        new("falls silent after content", FaultModes.Streamed, 1, "provider_timeout") { AfterContent = true, Rest = (_, reply) => reply.ThenSilence() },
        new("resets the connection after content", FaultModes.Streamed, 1, "provider_stream_interrupted") { AfterContent = true, Rest = (_, reply) => reply.ThenReset() },
        new("closes the connection after content", FaultModes.Streamed, 1, "provider_stream_interrupted") { AfterContent = true, Rest = (_, reply) => reply.ThenClose() },
        new("ends its stream without the terminal event", FaultModes.Streamed, 1, "provider_stream_interrupted") { AfterContent = true, Rest = (_, reply) => reply.ThenEnd() },
        new("sends an error event after content", FaultModes.Streamed, 1, "provider_error", "provider_overloaded") { AfterContent = true, Rest = (provider, reply) => reply.Piece(provider.InStreamError).ThenEnd() },
        new("sends a malformed event after content", FaultModes.Streamed, 1, "provider_bad_response") { AfterContent = true, Rest = (provider, reply) => reply.Piece(Malformed(provider)).ThenEnd() },
    ];

    /// <summary>The row of the name.</summary>
    public static Fault Named(string name) => All.Single(fault => fault.Name == name);

    private static Func<TestedProvider, bool, FakeReply> Status(int status) => (provider, _) => provider.Error(status, "It failed");

    private static FakeReply Head(TestedProvider provider, bool streaming) =>
        streaming ? provider.Stream([]) : FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000);

    private static FakeReply HalfABody() => FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece("{\"id\":");

    private static FakeReply NoQuota(TestedProvider provider) => provider.Name switch
    {
        "openai" => FakeOpenAI.Error(429, "You exceeded your current quota", "insufficient_quota", code: "insufficient_quota"),
        "gemini" => FakeGemini.Error(429, "You exceeded your current quota", null, FakeGemini.QuotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), FakeGemini.RetryInfo("22s")),
        _ => provider.Error(402, "Your credit balance is too low"),
    };

    private static string ErrorInside(TestedProvider provider) => provider.Name switch
    {
        "openai" => FakeErrors.OpenAI("The server had an error", "server_error"),
        "gemini" => FakeErrors.Gemini(500, "Internal error encountered."),
        "anthropic" => FakeErrors.Anthropic("overloaded_error", "Overloaded"),
        _ => FakeErrors.Plain("model runner has unexpectedly stopped"),
    };

    private static string KeepAlive(TestedProvider provider) => provider == TestedProvider.Ollama ? "\n" : ": keep-alive\n\n";

    private static string Malformed(TestedProvider provider) => provider == TestedProvider.Ollama ? "Internal Server Error\n" : "data: Internal Server Error\n\n";

    // Slowly, but without a silence: for longer than the test's limits.
    private static FakeReply Drip(FakeReply reply, string piece) => Enumerable.Range(1, 150).Aggregate(
        reply, (dripping, count) => dripping.ThenWaitFor(Task.Delay(count * DripPause, TimeProvider.System)).Piece(piece));

    private static Uri Refusing() => new($"http://127.0.0.1:{Ports.Free()}/");
}
