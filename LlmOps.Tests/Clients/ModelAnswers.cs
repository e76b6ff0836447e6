using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Clients;

/// <summary>What a true model would answer to the questions of the client tests, so that one set of them fits every provider.</summary>
internal static class ModelAnswers
{
    public static FakeAnswer To(ReceivedRequest request) => FakeQuestion.Of(request) switch
    {
        { HasToolResult: true } => FakeAnswer.Text("It is ", "sunny."),
        { HasTools: true } => FakeAnswer.Calls(new FakeToolCall("call_1", "get_weather", "{\"city\":", "\"Paris\"}"), new FakeToolCall("call_2", "get_weather", "{\"city\":\"London\"}")),
        { WantsJson: true } => FakeAnswer.Text("{\"sentiment\":", "\"positive\"}"),
        _ => FakeAnswer.Text("hello", " there"),
    };
}
