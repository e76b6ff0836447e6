using LlmOps.Tests.Fakes;

namespace LlmOps.Tests;

/// <summary>Tests of a gateway whose provider openai is a fake.</summary>
public abstract class GatewayTests : IAsyncLifetime
{
    protected GatewayTests() => Gateway.WithOpenAI(Fake);

    /// <summary>The provider; without a handler it answers what a test enqueues.</summary>
    private protected FakeServer Fake { get; } = new();

    /// <summary>The gateway; it starts with its first request.</summary>
    private protected GatewayApplication Gateway { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Fake.DisposeAsync();
    }

    /// <summary>A chat completion for the provider, streamed or not.</summary>
    private protected static string Request(bool streaming) =>
        $$"""{"model":"gpt-4o","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""";
}
