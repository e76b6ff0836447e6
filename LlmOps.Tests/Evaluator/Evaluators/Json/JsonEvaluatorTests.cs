namespace LlmOps.Tests.Evaluator.Evaluators.Json;

public sealed class JsonEvaluatorTests
{
    private const string Fenced = "```json\n{\"a\": 1}\n```\n";

    [Theory]
    [InlineData("json_valid", "{\"a\": [1, 2.5, null]}", 1)]
    [InlineData("json_valid", " 7 ", 1)]
    [InlineData("json_valid", "{\"a\": 1", 0)]
    [InlineData("json_valid", "{'a': 1}", 0)]
    [InlineData("json_valid", "Here it is: {}", 0)]
    [InlineData("json_valid", "{} {}", 0)]
    [InlineData("json_valid", "", 0)]
    [InlineData("json_valid", Fenced, 0)]
    [InlineData("json_valid:allow_fence=true", Fenced, 1)]
    [InlineData("json_valid:allow_fence=true", "```\n[]\n```", 1)]
    [InlineData("json_valid:allow_fence=true", "Here:\n```json\n{}\n```", 0)]
    [InlineData("json_valid:allow_fence=true", "{\"ä\": \"🙂\"}", 1)]
    public async Task Answer_IsJsonOrNot(string evaluator, string answer, double value) => (await Scored.ByAsync(evaluator, answer))!.Value.ShouldBe(value);

    [Theory]
    [InlineData("{\"a\": 1}", 1, null)]
    [InlineData("{\"a\": \"1\"}", 0, "$.a is a string, expected an integer")]
    [InlineData("{}", 0, "$ lacks a")]
    [InlineData("no", 0, "it is no JSON")]
    public async Task Answer_IsHeldToASchema(string answer, double value, string? reason)
    {
        var score = await Scored.ByAsync("""json_schema:{"schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}""", answer);

        score!.Value.ShouldBe(value);
        (score.Reason ?? "").ShouldContain(reason ?? "");
    }

    [Theory]
    [InlineData("json_schema", "schema is missing", "a JSON schema")]
    [InlineData("json_schema:{\"schema\":{\"contains\":{}}}", "schema is an object", "#/contains")]
    [InlineData("json_field", "field is missing", "a path")]
    [InlineData("json_field:field=a..b", "field is \"a..b\"", "a path such as a.b[0].c")]
    [InlineData("json_field:field=a[x]", "field is \"a[x]\"", "a path such as a.b[0].c")]
    [InlineData("json_equal:field=a", "field is not known here", "allow_fence")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);

    [Theory]
    [InlineData("label", "{\"label\":\"bug\"}", "\"bug\"", 1.0)]
    [InlineData("label", "{\"label\":\"bug\"}", "{\"label\":\"bug\",\"other\":1}", 1.0)]
    [InlineData("label", "{\"label\":\"Bug\"}", "\"bug\"", 0.0)]
    [InlineData("label,ignore_case=true", "{\"label\":\"Bug\"}", "\"bug\"", 1.0)]
    [InlineData("a.b[1].c", "{\"a\":{\"b\":[{},{\"c\":1.0}]}}", "{\"a\":{\"b\":[0,{\"c\":1}]}}", 1.0)]
    [InlineData("[1].c", "[{},{\"c\":true}]", "\"true\"", 1.0)]
    [InlineData("count", "{\"count\":42}", "\"42\"", 1.0)]
    [InlineData("count", "{\"count\":42}", "42", 1.0)]
    [InlineData("count", "{\"count\":\"42\"}", "42", 0.0)]
    [InlineData("a", "{\"a\":[1,2]}", "{\"a\":[1,2]}", 1.0)]
    [InlineData("a", "{\"a\":[2,1]}", "{\"a\":[1,2]}", 0.0)]
    [InlineData("a", "{\"b\":1}", "1", 0.0)]
    [InlineData("a", "nonsense", "1", 0.0)]
    [InlineData("a", "{\"a\":1}", "{\"b\":1}", null)]
    [InlineData("a", "{\"a\":\"x\"}", "\"{\\\"a\\\":\\\"x\\\"}\"", 1.0)]
    [InlineData("status,value=ok", "{\"status\":\"ok\"}", "\"something else\"", 1.0)]
    [InlineData("status,value=ok", "{\"status\":\"error\"}", "\"something else\"", 0.0)]
    public async Task Field_IsComparedWithWhatIsExpected(string settings, string answer, string expected, double? value) =>
        ((await Scored.ByAsync($"json_field:field={settings}", answer, Scored.ExpectingJson(expected)))?.Value).ShouldBe(value);

    [Fact]
    public async Task FieldWithNothingExpected_HasNoScore()
    {
        (await Scored.ByAsync("json_field:field=a", "{\"a\":1}")).ShouldBeNull();
        (await Scored.ByAsync("json_field:field=a", "{\"a\":1}", Scored.ExpectingJson("{\"b\":1}"))).ShouldBeNull();
        (await Scored.ByAsync("json_equal", "{\"a\":1}")).ShouldBeNull();
    }

    [Fact]
    public async Task FieldsReason_SaysWhatItIs()
    {
        (await Scored.ByAsync("json_field:field=a", "{\"a\":\"x\"}", Scored.Expecting("y")))!.Reason.ShouldBe("a is “x”, not “y”");
        (await Scored.ByAsync("json_field:field=a.b", "{\"a\":\"x\"}", Scored.Expecting("y")))!.Reason.ShouldBe("it has no a.b");
    }

    [Theory]
    [InlineData("{\"b\":[1.0,2],\"a\":\"x\"}", "{\"a\":\"x\",\"b\":[1,2.0]}", null)]
    [InlineData("{\"a\":1}", "{\"a\":1,\"b\":2}", "$.b is missing")]
    [InlineData("{\"a\":1,\"b\":2}", "{\"a\":1}", "$.b is not expected")]
    [InlineData("{\"a\":{\"b\":[1,2]}}", "{\"a\":{\"b\":[1,3]}}", "$.a.b[1] is “2”, not “3”")]
    [InlineData("[1]", "[1,2]", "$ has 1 items, not 2")]
    [InlineData("\"1\"", "1", "$ is “\"1\"”, not “1”")]
    [InlineData("nonsense", "{}", "it is no JSON")]
    public async Task Json_IsComparedByValue(string answer, string expected, string? reason)
    {
        var score = await Scored.ByAsync("json_equal", answer, Scored.ExpectingJson(expected));

        score!.Value.ShouldBe(reason is null ? 1 : 0);
        (score.Reason ?? "").ShouldContain(reason ?? "");
    }
}
