using System.ClientModel;
using LlmOps.Tests.Fakes;
using OpenAI;
using OpenAI.Chat;

namespace LlmOps.Tests.Functions;

/// <summary>OpenAI's official .NET client works with tools of the gateway, unmodified.</summary>
public sealed class FunctionClientTests : FunctionTests
{
    [Fact]
    public async Task Client_GetsItsOwnCalls_AndAnswersThem()
    {
        Tools.WithSum();
        Script(FakeAnswer.Calls(Add(1, 2, "call_1"), new FakeToolCall("call_2", "get_weather", """{"city":"Bern"}""")), FakeAnswer.Text("3 and rain."));
        var client = Client();
        List<ChatMessage> messages = [new UserChatMessage("Both?")];

        ChatCompletion asked = await client.CompleteChatAsync(messages, Options());
        messages.Add(new AssistantChatMessage(asked));
        messages.AddRange(asked.ToolCalls.Select(call => new ToolChatMessage(call.Id, "It rains.")));
        ChatCompletion answered = await client.CompleteChatAsync(messages, Options());

        (asked.FinishReason, asked.ToolCalls.Single().FunctionName).ShouldBe((ChatFinishReason.ToolCalls, "get_weather"));
        answered.Content[0].Text.ShouldBe("3 and rain.");
    }

    [Fact]
    public async Task Client_StreamsItsOwnCalls_AndAnswersThem()
    {
        Tools.WithSum();
        Script(
            FakeAnswer.Calls(Add(1, 2, "call_1")),
            FakeAnswer.Of(new FakeChoice { Content = ["So far ", "3."], ToolCalls = [new FakeToolCall("call_2", "get_weather", "{\"city\":", "\"Bern\"}")] }),
            FakeAnswer.Text("3 and rain."));
        var client = Client();
        List<ChatMessage> messages = [new UserChatMessage("Both?")];

        var (text, finish, id, name, arguments, usage) = ("", default(ChatFinishReason?), "", "", "", 0);
        await foreach (var update in client.CompleteChatStreamingAsync(messages, Options()))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            finish = update.FinishReason ?? finish;
            usage = update.Usage?.TotalTokenCount ?? usage;
            foreach (var call in update.ToolCallUpdates)
            {
                (id, name, arguments) = (id + call.ToolCallId, name + call.FunctionName, arguments + call.FunctionArgumentsUpdate);
            }
        }

        (text, finish, name, arguments, usage).ShouldBe(("So far 3.", ChatFinishReason.ToolCalls, "get_weather", """{"city":"Bern"}""", 58));
        messages.Add(new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall(id, name, BinaryData.FromString(arguments))]));
        messages.Add(new ToolChatMessage(id, "It rains."));
        ChatCompletion answered = await client.CompleteChatAsync(messages, Options());

        answered.Content[0].Text.ShouldBe("3 and rain.");
        Fake.Requests[2].Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("role").GetString()).ShouldBe(["user", "assistant", "tool", "assistant", "tool"]);
    }

    private static ChatCompletionOptions Options() => new()
    {
        Tools = { ChatTool.CreateFunctionTool("get_weather", "The weather in a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}}}""")) },
    };

    private ChatClient Client() => new("gpt-4o-mini", new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(Gateway.Address, "v1") });
}
