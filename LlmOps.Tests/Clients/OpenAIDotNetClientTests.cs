using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using LlmOps.Gateway.Caching;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using OpenAI.Chat;

namespace LlmOps.Tests.Clients;

/// <summary>OpenAI's official .NET client works against /v1 unmodified.</summary>
public sealed class OpenAIDotNetClientTests : ProviderTests
{
    public OpenAIDotNetClientTests() => AnswerAll(ModelAnswers.To);

    /// <summary>A model of every provider: one program fits all.</summary>
    public static TheoryData<string> Models => [.. TestedProvider.All.Select(provider => provider.Model), "offline"];

    public static TheoryData<string, bool> ModelsAndModes
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var model in TestedProvider.All.Select(provider => provider.Model).Append("offline"))
            {
                data.Add(model, false);
                data.Add(model, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Chat_Works(string model)
    {
        ChatCompletion completion = await Client(model).CompleteChatAsync("Repeat after me: hello there");

        completion.Content[0].Text.ShouldBe("hello there");
        completion.FinishReason.ShouldBe(ChatFinishReason.Stop);
        completion.Model.ShouldBe(model);
        completion.Usage.TotalTokenCount.ShouldBe(completion.Usage.InputTokenCount + completion.Usage.OutputTokenCount);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Streaming_Works(string model)
    {
        var text = "";
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in Client(model).CompleteChatStreamingAsync("Repeat after me: hello there"))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            finish = update.FinishReason ?? finish;
            usage = update.Usage ?? usage;
        }

        text.ShouldBe("hello there");
        finish.ShouldBe(ChatFinishReason.Stop);
        usage!.OutputTokenCount.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(ModelsAndModes))]
    public async Task Tools_RoundTrip(string model, bool streaming)
    {
        List<ChatMessage> messages = [new UserChatMessage("What is the weather in Paris and London?")];
        var options = new ChatCompletionOptions
        {
            Tools =
            {
                ChatTool.CreateFunctionTool("get_weather", "The weather in a city", BinaryData.FromString(
                    """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""")),
            },
        };

        var calls = await CallsAsync(Client(model), messages, options, streaming);

        calls.Select(call => JsonDocument.Parse(call.FunctionArguments).RootElement.GetProperty("city").GetString()).ShouldBe(["Paris", "London"]);
        messages.Add(new AssistantChatMessage(calls));
        messages.AddRange(calls.Select(call => new ToolChatMessage(call.Id, """{"weather":"sunny"}""")));
        ChatCompletion completion = await Client(model).CompleteChatAsync(messages, options);
        completion.Content[0].Text.ShouldContain("sunny");
    }

    [Theory]
    [MemberData(nameof(ModelsAndModes))]
    public async Task CachedAnswer_IsTheSame_HoweverItIsAskedFor(string model, bool firstStreams)
    {
        var options = new ChatCompletionOptions { Temperature = 0 };
        List<string> answers = [];
        foreach (var streaming in new[] { firstStreams, !firstStreams, firstStreams })
        {
            if (!streaming)
            {
                var completion = (await Client(model).CompleteChatAsync([new UserChatMessage("Repeat after me: hello there")], options)).Value;
                answers.Add($"{completion.Id} {completion.Content[0].Text} {completion.FinishReason} {completion.Usage.TotalTokenCount} {completion.Model}");
                continue;
            }

            var (id, text, finish, tokens, named) = ("", "", default(ChatFinishReason?), 0, "");
            await foreach (var update in Client(model).CompleteChatStreamingAsync([new UserChatMessage("Repeat after me: hello there")], options))
            {
                (id, named, finish) = (update.CompletionId, update.Model, update.FinishReason ?? finish);
                text += string.Concat(update.ContentUpdate.Select(part => part.Text));
                tokens = update.Usage?.TotalTokenCount ?? tokens;
            }

            answers.Add($"{id} {text} {finish} {tokens} {named}");
        }

        answers.Distinct().ShouldHaveSingleItem();
        var statistics = Gateway.Services.GetRequiredService<CacheStatistics>();
        (statistics.Misses, statistics.MemoryHits).ShouldBe((1, 2));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task JsonSchema_IsKeptTo(string model)
    {
        var options = new ChatCompletionOptions
        {
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("review", BinaryData.FromString(
                """{"type":"object","properties":{"sentiment":{"type":"string","enum":["positive","negative"]}},"required":["sentiment"],"additionalProperties":false}"""), jsonSchemaIsStrict: true),
        };

        ChatCompletion completion = await Client(model).CompleteChatAsync([new UserChatMessage("I love it, it is great.")], options);

        JsonDocument.Parse(completion.Content[0].Text).RootElement.GetProperty("sentiment").GetString().ShouldBe("positive");
    }

    [Fact]
    public async Task Errors_AreItsTypedException()
    {
        (await Should.ThrowAsync<ClientResultException>(() => Client("no-such-model").CompleteChatAsync("x"))).Status.ShouldBe(404);
        (await Should.ThrowAsync<ClientResultException>(() => Client("gpt-4o").CompleteChatAsync([new UserChatMessage("x")], new ChatCompletionOptions { Temperature = 7 }))).Status.ShouldBe(400);

        Fake.Handler = _ => FakeOpenAI.Error(429, "Slow down", "requests", code: "rate_limit_exceeded");
        var limited = await Should.ThrowAsync<ClientResultException>(() => Client("gpt-4o").CompleteChatAsync("x"));
        limited.Status.ShouldBe(429);
        limited.Message.ShouldContain("rate_limit_exceeded");
    }

    [Fact]
    public async Task BrokenStream_IsNoRegularEnd()
    {
        Fake.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(FakeAnswer.Text("one ", "two ")).Take(2), done: false).ThenEnd();
        ChatFinishReason? finish = null;

        await Should.ThrowAsync<Exception>(async () =>
        {
            await foreach (var update in Client("gpt-4o").CompleteChatStreamingAsync("x"))
            {
                finish = update.FinishReason ?? finish;
            }
        });

        finish.ShouldBeNull();
    }

    [Fact]
    public async Task Cancellation_ReachesTheProvider()
    {
        Fake.Handler = _ => FakeReply.Silence();
        using var caller = new CancellationTokenSource();
        var answer = Client("gpt-4o").CompleteChatAsync([new UserChatMessage("x")], cancellationToken: caller.Token);
        var received = await Fake.NextRequestAsync();

        await caller.CancelAsync();

        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        await Should.ThrowAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task Models_AreListed()
    {
        var models = await new OpenAIClient(new ApiKeyCredential("any"), Options()).GetOpenAIModelClient().GetModelsAsync();

        models.Value.Select(model => model.Id).ShouldContain("offline");
        models.Value.Select(model => model.Id).ShouldContain("gpt-4o-mini");
    }

    private static async Task<IReadOnlyList<ChatToolCall>> CallsAsync(ChatClient client, List<ChatMessage> messages, ChatCompletionOptions options, bool streaming)
    {
        if (!streaming)
        {
            ChatCompletion completion = await client.CompleteChatAsync(messages, options);
            completion.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
            return completion.ToolCalls;
        }

        var calls = new SortedDictionary<int, (string Id, string Name, string Arguments)>();
        await foreach (var update in client.CompleteChatStreamingAsync(messages, options))
        {
            foreach (var piece in update.ToolCallUpdates)
            {
                var (id, name, arguments) = calls.GetValueOrDefault(piece.Index, ("", "", ""));
                calls[piece.Index] = (id + piece.ToolCallId, name + piece.FunctionName, arguments + piece.FunctionArgumentsUpdate);
            }
        }

        return [.. calls.Values.Select(call => ChatToolCall.CreateFunctionToolCall(call.Id, call.Name, BinaryData.FromString(call.Arguments)))];
    }

    private ChatClient Client(string model) => new(model, new ApiKeyCredential("any"), Options());

    private OpenAIClientOptions Options() => new() { Endpoint = new Uri(Gateway.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) };
}
