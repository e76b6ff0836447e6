using System.Text;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Tests.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Access.Idempotency;

/// <summary>Endpoints whose bodies have an idempotency key of their own.</summary>
public sealed class BodyKeyTests : GatewayTests
{
    [Fact]
    public async Task KeyInTheBody_IsAnsweredOnce_AndTheReplaySaysSo()
    {
        var call = new KeyedCall();
        (await AnswerAsync(call, "id=1;text=Hi;secret=a")).ShouldBe(("call 1 of Hi, cached: no", false));

        // What leaves no trace may differ.
        var second = await AnswerAsync(call, "id=1;text=Hi;secret=b");

        second.ShouldBe(("call 1 of Hi, cached: yes", true));
        (await AnswerAsync(call, "id=2;text=Hi;secret=a")).ShouldBe(("call 2 of Hi, cached: no", false));
    }

    [Fact]
    public async Task AnotherBody_Is409_ThatNamesTheField()
    {
        var call = new KeyedCall();
        await AnswerAsync(call, "id=1;text=Hi;secret=a");

        var refusal = await Should.ThrowAsync<GatewayException>(() => AnswerAsync(call, "id=1;text=Ho;secret=a"));

        (refusal.Error, refusal.Field).ShouldBe((ErrorCode.IdempotencyKeyReused, "id"));
    }

    [Fact]
    public async Task KeyInTheHeader_CountsBeforeTheBodys()
    {
        var call = new KeyedCall();
        await AnswerAsync(call, "id=1;text=Hi;secret=a", "h");

        (await AnswerAsync(call, "id=1;text=Hi;secret=b", "h")).Replayed.ShouldBeTrue();
        (await AnswerAsync(call, "id=1;text=Hi;secret=a")).Replayed.ShouldBeFalse();
    }

    [Fact]
    public async Task AnswerThatIsNot200_IsNotRemembered()
    {
        var call = new KeyedCall { Status = StatusCodes.Status503ServiceUnavailable };
        await AnswerAsync(call, "id=1;text=Hi;secret=a");

        (await AnswerAsync(call, "id=1;text=Hi;secret=a")).ShouldBe(("call 2 of Hi, cached: no", false));
    }

    private async Task<(string Body, bool Replayed)> AnswerAsync(KeyedCall call, string text, string? header = null)
    {
        _ = Gateway.Http;
        var (services, body) = (Gateway.Services, Encoding.UTF8.GetBytes(text));
        call.Accounting = services.GetRequiredService<RequestAccounting>();
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        if (header is not null)
        {
            http.Request.Headers[IdempotentRequest.Header] = header;
        }

        var now = TimeProvider.System.GetUtcNow();
        var facts = new GatewayRequest
        {
            Id = RequestId.NewGuid(now),
            At = now,
            RequestId = "r1",
            Endpoint = "/keyed",
            Family = call.Family,
            Principal = Principal.Local,
            Configuration = ConfigurationTests.Build(),
            StartedAt = TimeProvider.System.GetTimestamp(),
            Timeout = TimeSpan.FromMinutes(1),
            CallerGone = default,
            Stopping = default,
        };
        var asked = IdempotentRequest.Of(http, call, body, facts);
        asked.ShouldNotBeNull();
        await services.GetRequiredService<IdempotentCalls>().AnswerAsync(http, call, asked, body, facts);
        return (Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray()), http.Response.Headers["Idempotent-Replayed"] == "true");
    }

    /// <summary>An endpoint whose body is <c>id=…;text=…;secret=…</c>.</summary>
    private sealed class KeyedCall : IModelCall, IIdempotencyFormat
    {
        private int _calls;

        public RequestAccounting Accounting { get; set; } = null!;

        public int Status { get; init; } = StatusCodes.Status200OK;

        public string Family => "/keyed";

        public bool IsCachedByDefault => false;

        public IIdempotencyFormat? Idempotency => this;

        public async ValueTask AnswerAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
        {
            var text = Part(body, 1)["text=".Length..];
            Accounting.Close(facts);
            http.Response.StatusCode = Status;
            await http.Response.WriteAsync($"call {++_calls} of {text}, cached: no");
        }

        public BodyKey? Find(ReadOnlyMemory<byte> body, GatewayRequest facts) => new BodyKey("id", Part(body, 0), Encoding.UTF8.GetBytes(Part(body, 1)));

        public ReadOnlyMemory<byte> Replay(ReadOnlyMemory<byte> answer, GatewayRequest facts) =>
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(answer.Span).Replace("cached: no", "cached: yes", StringComparison.Ordinal));

        private static string Part(ReadOnlyMemory<byte> body, int number) => Encoding.UTF8.GetString(body.Span).Split(';')[number];
    }
}
