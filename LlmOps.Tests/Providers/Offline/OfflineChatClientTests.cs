using LlmOps.Gateway.Providers.Offline;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Providers.Offline;

public class OfflineChatClientTests
{
    public static TheoryData<string> Prompts =>
    [
        "", "Hello", "What is 2+2?", "Say exactly \"a  b\n\n c\"", "Count to 30", "Tell me a joke", "👩‍👩‍👧 emoji 𝒜 and\ttabs\r\nand lines  ",
        "Summarize: Cats sleep a lot. Cats hunt mice at night. Dogs bark.", "总结：今天天气很好。我们去公园散步。", "What's the weather in Paris and London?",
        "lone \ud800 surrogate \udc00", "\0\u0001\u001b[31m", "Say exactly " + new string('x', 100),
    ];

    [Theory]
    [MemberData(nameof(Prompts))]
    public async Task Streamed_SameAsUnstreamed(string user)
    {
        var options = new ChatOptions { Tools = [Ask.Weather()] };

        var whole = await Ask.Response(false, Ask.Messages(user), options);
        var streamed = await Ask.Response(true, Ask.Messages(user), options);

        streamed.Text.ShouldBe(whole.Text);
        streamed.ResponseId.ShouldBe(whole.ResponseId);
        streamed.FinishReason.ShouldBe(whole.FinishReason);
        streamed.Usage!.TotalTokenCount.ShouldBe(whole.Usage!.TotalTokenCount);
        streamed.Messages.Count.ShouldBe(1);
        streamed.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => call.CallId)
            .ShouldBe(whole.Messages[0].Contents.OfType<FunctionCallContent>().Select(call => call.CallId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_SaysWhatItIsFrom(bool streaming)
    {
        var response = await Ask.Response(streaming, Ask.Messages("What is 2+2?"));

        response.Text.ShouldBe("2 + 2 = 4");
        response.Messages[0].Role.ShouldBe(ChatRole.Assistant);
        response.ModelId.ShouldBe("offline");
        response.CreatedAt.ShouldNotBeNull();
        response.ResponseId.ShouldNotBeNull().ShouldStartWith("chatcmpl-offline-");
        var properties = response.AdditionalProperties ?? response.Messages[0].AdditionalProperties;
        properties.ShouldNotBeNull()["system_fingerprint"].ShouldBe(OfflineModel.SystemFingerprint);
        response.FinishReason.ShouldBe(ChatFinishReason.Stop);
        response.Usage!.OutputTokenCount.ShouldBe(5);
        response.Usage.TotalTokenCount.ShouldBe(response.Usage.InputTokenCount + response.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task Stream_StartsWithRoleAndEndsWithUsage()
    {
        using var client = Ask.Client();

        var updates = await client.GetStreamingResponseAsync(Ask.Messages("Count to 3")).ToListAsync();

        updates[0].Role.ShouldBe(ChatRole.Assistant);
        updates.Select(update => update.Text).ShouldBe(["1,", " 2,", " 3", ""]);
        updates[^1].FinishReason.ShouldBe(ChatFinishReason.Stop);
        updates[^1].Contents.ShouldHaveSingleItem().ShouldBeOfType<UsageContent>();
        updates.ShouldAllBe(update => update.AdditionalProperties!.ContainsKey("system_fingerprint"));
    }

    [Fact]
    public async Task SameRequest_SameId_OtherRequest_OtherId()
    {
        var first = await Ask.Response(false, Ask.Messages("Hello"));
        var again = await Ask.Response(false, Ask.Messages("Hello"));
        var other = await Ask.Response(false, Ask.Messages("Hello!"));

        again.ResponseId.ShouldBe(first.ResponseId);
        other.ResponseId.ShouldNotBe(first.ResponseId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MaxTokens_CutsWithLength(bool streaming)
    {
        var response = await Ask.Response(streaming, Ask.Messages("Count to 100"), new ChatOptions { MaxOutputTokens = 5 });

        response.FinishReason.ShouldBe(ChatFinishReason.Length);
        response.Usage!.OutputTokenCount.ShouldBe(5);
        response.Text.ShouldBe("1, 2, 3");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StopSequences_CutBeforeTheEarliest(bool streaming)
    {
        var response = await Ask.Response(streaming, Ask.Messages("Count to 10"), new ChatOptions { StopSequences = ["7", ", 4", ""] });

        response.Text.ShouldBe("1, 2, 3");
        response.FinishReason.ShouldBe(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task Cancelled_Stops()
    {
        using var cancellation = new CancellationTokenSource();
        using var client = Ask.Client();
        int seen = 0;

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync(Ask.Messages("Count to 100"), null, cancellation.Token))
            {
                seen++;
                await cancellation.CancelAsync();
            }
        });

        seen.ShouldBe(1);
    }

    [Fact]
    public async Task WordDelay_TakenFromTimeProvider()
    {
        var time = new InstantTime();
        using var client = new OfflineChatClient("offline", TimeSpan.FromHours(1), time);

        var response = await client.GetStreamingResponseAsync(Ask.Messages("Count to 4")).ToChatResponseAsync();

        response.Text.ShouldBe("1, 2, 3, 4");
        time.Delays.ShouldBe(Enumerable.Repeat(TimeSpan.FromHours(1), 4));
    }

    /// <summary>Time in which every timer fires at once.</summary>
    private sealed class InstantTime : TimeProvider
    {
        public List<TimeSpan> Delays { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Delays.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
