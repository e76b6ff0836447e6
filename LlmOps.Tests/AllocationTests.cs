using System.Text;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Functions.Kept;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Functions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace LlmOps.Tests;

/// <summary>
/// What each request and each chunk allocates, which is what the load benchmark won. The limits are a third above what was
/// measured: they are there to catch a document, a dictionary or a copy that comes back, not a field.
/// </summary>
public sealed class AllocationTests(ITestOutputHelper output)
{
    private static readonly byte[] Request = Encoding.UTF8.GetBytes(
        """{"model":"gpt-4o-mini","messages":[{"role":"system","content":"Answer in one sentence."},{"role":"user","content":"What is a gateway?"}],"temperature":0.2,"max_tokens":200,"user":"ann"}""");

    private static readonly byte[] Answer = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1763700000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"It stands in between.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0}}}""");

    private static readonly byte[] Chunk = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763700000,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"stands "},"logprobs":null,"finish_reason":null}]}""");

    private readonly OpenAIErrors _errors = new("fake", new ProviderKeys(null, TimeProvider.System), TimeProvider.System);

    [Fact]
    public void RequestFromBytesToItsTypedForm() => PerCall(() => ChatCompletionRequest.Parse(Request)).ShouldBeLessThan(800);

    [Fact]
    public void RequestThatNeedsNoChange_IsForwardedWithoutACopy()
    {
        var original = ChatCompletionRequest.Parse(Request).Options.Original!;

        PerCall(() => OpenAIRequestSplicer.Splice(original, "gpt-4o-mini", askForUsage: false)).ShouldBeLessThan(100);
    }

    [Fact]
    public void RequestWithoutTools_CostsTheirStageNothing()
    {
        using var answers = new Answered();
        using var stage = new FunctionChatClient(answers, services: null!, TimeProvider.System);
        var options = new GatewayChatOptions { Request = FakeRequests.Bare() };

        var messages = new List<ChatMessage>();

        PerCall(() => stage.GetResponseAsync(messages, options)).ShouldBe(PerCall(() => answers.GetResponseAsync(messages, options)));
        PerCall(() => stage.GetStreamingResponseAsync(messages, options)).ShouldBe(PerCall(() => answers.GetStreamingResponseAsync(messages, options)));
    }

    [Fact]
    public async Task RequestWithoutTools_IsOfferedNone_AndHasNothingPutBack_ForNothing()
    {
        await using var gateway = new GatewayApplication();
        var body = JsonBody.Parse(Request);
        _ = body.Root;
        var options = new GatewayChatOptions { Original = new OriginalRequest(WireProtocol.OpenAIChat, body, "gpt-4o-mini", IncludeUsage: false) };
        var facts = gateway.Request(options: options);
        var request = new ChatCallRequest("offline", [], options, Stream: false);
        var (tools, kept) = (gateway.Services.GetRequiredService<GatewayTools>(), gateway.Services.GetRequiredService<KeptRequests>());
        (await tools.OfferAsync(facts), await kept.PutBackAsync(request, facts)).ShouldBe((null, request));

        PerCall(() => tools.OfferAsync(facts)).ShouldBe(0);
        PerCall(() => kept.PutBackAsync(request, facts)).ShouldBe(0);
    }

    [Fact]
    public void WholeAnswer() => PerCall(() => OpenAIResponseReader.Read(_errors, Answer)).ShouldBeLessThan(1300);

    [Fact]
    public void ChunkOfAStream()
    {
        var reader = new OpenAIStreamReader(_errors, withholdUsage: false);

        PerCall(() => reader.Read(new StreamEvent(null, Chunk))).ShouldBeLessThan(1200);
    }

    private sealed class Answered : IChatClient
    {
        private static readonly Task<ChatResponse> Answer = Task.FromResult(new ChatResponse());

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => Answer;

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<ChatResponseUpdate>();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private long PerCall<T>(Func<T> call)
    {
        const int Calls = 500;
        for (var warmUp = 0; warmUp < Calls; warmUp++)
        {
            call();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var counted = 0; counted < Calls; counted++)
        {
            call();
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
        output.WriteLine($"{bytes} bytes");
        return bytes;
    }
}
