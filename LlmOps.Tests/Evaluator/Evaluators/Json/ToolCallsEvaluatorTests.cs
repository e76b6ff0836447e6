using LlmOps.Evaluator.Results;

namespace LlmOps.Tests.Evaluator.Evaluators.Json;

public sealed class ToolCallsEvaluatorTests
{
    private const string Weather = """{"name":"get_weather","arguments":{"city":"Bern","days":2}}""";
    private const string Time = """{"name":"get_time","arguments":{}}""";

    [Theory]
    [InlineData("tool_calls", $"[{Weather}]", 1)]
    [InlineData("tool_calls", Weather, 1)]
    [InlineData("tool_calls", """[{"name":"get_weather","arguments":{"days":2.0,"city":"Bern"}}]""", 1)]
    [InlineData("tool_calls", """[{"name":"get_weather","arguments":"{\"city\":\"Bern\",\"days\":2}"}]""", 1)]
    [InlineData("tool_calls", """[{"name":"get_weather"}]""", 1)]
    [InlineData("tool_calls", """[{"name":"get_weather","arguments":{"city":"Bern"}}]""", 0)]
    [InlineData("tool_calls:arguments=subset", """[{"name":"get_weather","arguments":{"city":"Bern"}}]""", 1)]
    [InlineData("tool_calls:arguments=subset", """[{"name":"get_weather","arguments":{"city":"Basel"}}]""", 0)]
    [InlineData("tool_calls:arguments=ignore", """[{"name":"get_weather","arguments":{"city":"Basel"}}]""", 1)]
    [InlineData("tool_calls", """[{"name":"get_forecast","arguments":{"city":"Bern","days":2}}]""", 0)]
    [InlineData("tool_calls", "[]", 0)]
    [InlineData("tool_calls", $"[{Weather},{Time}]", 0)]
    public async Task OneCall_IsComparedWithWhatIsExpected(string evaluator, string expected, double value)
    {
        var answer = Calling(("get_weather", """{"city":"Bern","days":2}"""));

        (await Scored.ByAsync(evaluator, answer, Scored.ExpectingJson(expected)))!.Value.ShouldBe(value);
    }

    [Theory]
    [InlineData("tool_calls", $"[{Weather},{Time}]", 1)]
    [InlineData("tool_calls:order=true", $"[{Weather},{Time}]", 0)]
    [InlineData("tool_calls:order=true", $"[{Time},{Weather}]", 1)]
    [InlineData("tool_calls", $"[{Weather}]", 0)]
    [InlineData("tool_calls:allow_more=true", $"[{Weather}]", 1)]
    [InlineData("tool_calls:allow_more=true,order=true", $"[{Weather}]", 1)]
    [InlineData("tool_calls:allow_more=true", "[]", 1)]
    [InlineData("tool_calls", $"[{Time},{Time}]", 0)]
    public async Task SeveralCalls_AreComparedInOrderOrNot(string evaluator, string expected, double value)
    {
        var answer = Calling(("get_time", ""), ("get_weather", """{"city":"Bern","days":2}"""));

        (await Scored.ByAsync(evaluator, answer, Scored.ExpectingJson(expected)))!.Value.ShouldBe(value);
    }

    [Fact]
    public async Task CallThatFitsSeveral_IsLeftForTheOneThatNeedsIt()
    {
        var answer = Calling(("f", """{"x":1,"y":2}"""), ("f", """{"x":1}"""));

        var score = await Scored.ByAsync("tool_calls:arguments=subset", answer, Scored.ExpectingJson("""[{"name":"f","arguments":{"x":1}},{"name":"f","arguments":{"x":1,"y":2}}]"""));

        score!.Value.ShouldBe(1);
    }

    [Fact]
    public async Task NoCall_IsRightWhereNoneIsExpected()
    {
        (await Scored.ByAsync("tool_calls", "text", Scored.ExpectingJson("[]")))!.Value.ShouldBe(1);
        (await Scored.ByAsync("tool_calls", "text", Scored.ExpectingJson($"[{Time}]")))!.Reason.ShouldBe("it does not call get_time(“{}”); it calls nothing");
    }

    [Fact]
    public async Task ArgumentsThatAreNoJson_AreWrong()
    {
        var score = await Scored.ByAsync("tool_calls:arguments=ignore", Calling(("f", "{x")), Scored.ExpectingJson("""[{"name":"f"}]"""));

        (score!.Value, score.Reason).ShouldBe((0, "the arguments of f are no JSON: “{x”"));
    }

    [Theory]
    [InlineData("\"text\"")]
    [InlineData("[1]")]
    [InlineData("{\"label\":\"x\"}")]
    public async Task CaseThatExpectsSomethingElse_HasNoScore(string expected)
    {
        (await Scored.ByAsync("tool_calls", Calling(("f", "{}")), Scored.ExpectingJson(expected))).ShouldBeNull();
        (await Scored.ByAsync("tool_calls", Calling(("f", "{}")))).ShouldBeNull();
    }

    [Fact]
    public Task MalformedSettings_AreRefused() => Scored.IsRefusedAsync("tool_calls:arguments=some", "arguments is \"some\"", "equal or subset or ignore");

    private static Answer Calling(params (string Name, string Arguments)[] calls) =>
        Scored.Answer("") with { ToolCalls = [.. calls.Select(call => new AnswerToolCall(call.Name, call.Arguments))] };
}
