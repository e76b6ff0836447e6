using System.Runtime.CompilerServices;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Redis;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Caching;

/// <summary>What becomes of those who joined a call whose own time is over, by a clock of the test's.</summary>
public sealed class LateFollowerTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Calls _calls = new();
    private readonly CacheGenerations _generations;
    private readonly CoalescingChatClient _client;

    public LateFollowerTests()
    {
        var redis = new NoRedis();
        _generations = new CacheGenerations(redis, _time, NullLogger<CacheGenerations>.Instance);
        var cache = new AnswerCache(new MemoryAnswers(1_000_000, _time), new RedisAnswers(redis, _time, NullLogger<RedisAnswers>.Instance), _generations, _time, NullLogger<AnswerCache>.Instance);
        _client = new CoalescingChatClient(_calls, cache, new CacheStatistics(), _time);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhoHasHalfOfItsTimeLeft_IsGivenAnotherCall(bool streaming)
    {
        var leader = AskAsync(streaming);
        _time.Advance(TimeSpan.FromSeconds(40));
        var followers = new[] { AskAsync(streaming), AskAsync(streaming) };

        _calls[0].SetException(new GatewayException(ErrorCode.DeadlineExceeded, "too late"));

        (await Should.ThrowAsync<GatewayException>(() => leader)).Error.ShouldBe(ErrorCode.DeadlineExceeded);

        // Answered before both wait for it, the other one would make a call of its own.
        await Conditions.HoldsAsync(() => Task.FromResult(_calls.Count == 2 && _client.Waiting == 2));
        _calls[1].SetResult("an answer");
        (await Task.WhenAll(followers)).ShouldBe(["an answer", "an answer"]);
        _calls.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhoHasLess_IsTold_SoThatNotEachOfManyCallsAProviderThatHangs(bool streaming)
    {
        var leader = AskAsync(streaming);
        _time.Advance(TimeSpan.FromSeconds(20));
        var follower = AskAsync(streaming);
        _time.Advance(TimeSpan.FromSeconds(39));

        _calls[0].SetException(new GatewayException(ErrorCode.DeadlineExceeded, "too late"));

        foreach (var asked in new[] { leader, follower })
        {
            (await Should.ThrowAsync<GatewayException>(() => asked)).Error.ShouldBe(ErrorCode.DeadlineExceeded);
        }

        _calls.Count.ShouldBe(1);
    }

    public void Dispose()
    {
        _generations.Dispose();
        _client.Dispose();
    }

    private async Task<string> AskAsync(bool streaming)
    {
        var request = FakeRequests.Bare(time: _time);
        request.Cache = new CacheUse(Reads: true, Writes: true, default, TimeSpan.FromHours(1));
        var options = new GatewayChatOptions { Request = request };
        return streaming
            ? (await _client.GetStreamingResponseAsync([], options).ToChatResponseAsync()).Text
            : (await _client.GetResponseAsync([], options)).Text;
    }

    // Each call waits for what the test says.
    private sealed class Calls : IChatClient
    {
        private readonly List<TaskCompletionSource<string>> _answers = [];

        public int Count => _answers.Count;

        public TaskCompletionSource<string> this[int call] => _answers[call];

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            new(new ChatMessage(ChatRole.Assistant, await NextAsync()));

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, await NextAsync());
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }

        private Task<string> NextAsync()
        {
            _answers.Add(new TaskCompletionSource<string>());
            return _answers[^1].Task;
        }
    }
}
