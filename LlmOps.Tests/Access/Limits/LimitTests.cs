using System.Net;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Limits;

/// <summary>Tests of limits as callers see them: a gateway whose provider always answers.</summary>
public abstract class LimitTests : GatewayTests
{
    private protected const string Chat = "/v1/chat/completions";

    protected LimitTests() => Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text("Yes"), GatewayApplication.ProviderKey);

    // Whoever has left is noticed a moment later.
    private protected async Task<HttpResponseMessage> WhenThereIsAPlaceAsync(string key)
    {
        HttpResponseMessage? answer = null;
        await Conditions.HoldsAsync(async () =>
        {
            answer?.Dispose();
            answer = await Gateway.SendAsync(Chat, Request(streaming: false), key);
            return answer.IsSuccessStatusCode;
        });
        return answer!;
    }

    private protected async Task OkAsync(string? key, bool streaming = false)
    {
        using var answer = await Gateway.SendAsync(Chat, Request(streaming), key);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }
}
