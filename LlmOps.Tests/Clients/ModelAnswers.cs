using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Clients;

/// <summary>What a true model would answer to the questions of the client tests, so that one set of them fits every provider.</summary>
internal static class ModelAnswers
{
    public static FakeAnswer To(ReceivedRequest request)
    {
        var json = request.Json;
        if (json.GetProperty("messages").EnumerateArray().Any(message => message.GetProperty("role").GetString() == "tool"))
        {
            return FakeAnswer.Text("It is ", "sunny.");
        }

        return json.TryGetProperty("tools", out _)
            ? FakeAnswer.Calls(new FakeToolCall("call_1", "get_weather", "{\"city\":", "\"Paris\"}"), new FakeToolCall("call_2", "get_weather", "{\"city\":\"London\"}"))
            : json.TryGetProperty("response_format", out _) ? FakeAnswer.Text("{\"sentiment\":", "\"positive\"}") : FakeAnswer.Text("hello", " there");
    }
}
