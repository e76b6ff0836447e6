using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Prompts;

/// <summary>What prompts ask of the model besides their words.</summary>
public sealed class PromptParametersTests
{
    [Fact]
    public void Parameters_AreThoseThatTheApiTakes()
    {
        var parameters = TestedPrompts.Parameters("""{"temperature":0.5,"top_p":0.9,"max_tokens":7,"stop":["x","y"],"seed":3,"presence_penalty":0.1,"frequency_penalty":-0.1,"response_format":{"type":"json_object"}}""");

        var options = parameters.Options;
        (options.Temperature, options.TopP, options.MaxOutputTokens, options.Seed).ShouldBe((0.5f, 0.9f, 7, 3L));
        (options.PresencePenalty, options.FrequencyPenalty).ShouldBe((0.1f, -0.1f));
        options.StopSequences.ShouldBe(["x", "y"]);
        options.ResponseFormat.ShouldNotBeNull();
        options.Original.ShouldBeNull();
        parameters.Json.Count.ShouldBe(8);
    }

    [Fact]
    public void Tools_AreThoseThatTheApiTakes_AndCountAsText()
    {
        const string Tools = """[{"type":"function","function":{"name":"track","parameters":{"type":"object"},"strict":true}}]""";

        var parameters = TestedPrompts.Parameters($$$"""{"tools":{{{Tools}}},"tool_choice":{"type":"function","function":{"name":"track"}},"parallel_tool_calls":false}""");

        var options = parameters.Options;
        options.Tools!.ShouldHaveSingleItem().Name.ShouldBe("track");
        (options.ToolMode, options.AllowMultipleToolCalls).ShouldBe((ChatToolMode.RequireSpecific("track"), false));
        parameters.TextBytes.ShouldBe(Tools.Length + """{"type":"function","function":{"name":"track"}}""".Length);
    }

    [Theory]
    [InlineData("""{"temperature":3}""", "parameters.temperature")]
    [InlineData("""{"temperature":"hot"}""", "parameters.temperature")]
    [InlineData("""{"max_tokens":0}""", "parameters.max_tokens")]
    [InlineData("""{"stop":["a",1]}""", "parameters.stop[1]")]
    [InlineData("""{"response_format":{"type":"xml"}}""", "parameters.response_format.type")]
    [InlineData("""{"model":"x"}""", "parameters.model")]
    [InlineData("""{"n":2}""", "parameters.n")]
    [InlineData("""{"tools":[{"type":"web_search"}]}""", "parameters.tools[0].type")]
    [InlineData("""{"tools":[{"google_search":{}}]}""", "parameters.tools[0].type")]
    [InlineData("""{"tools":["x"]}""", "parameters.tools[0]")]
    [InlineData("""{"tools":"x"}""", "parameters.tools")]
    [InlineData("""{"tools":[{"type":"function","function":{}}]}""", "parameters.tools[0].function.name")]
    [InlineData("""{"tool_choice":"always"}""", "parameters.tool_choice")]
    [InlineData("""{"tool_choice":{"type":"allowed_tools","allowed_tools":{}}}""", "parameters.tool_choice.function")]
    [InlineData("""{"parallel_tool_calls":1}""", "parameters.parallel_tool_calls")]
    [InlineData("[]", "parameters")]
    public void Fault_NamesTheParameterByItsPath(string json, string field)
    {
        var fault = Should.Throw<GatewayException>(() => TestedPrompts.Parameters(json));

        fault.Field.ShouldBe(field);
        fault.Error.ShouldBe(fault.Message.Contains("is missing", StringComparison.Ordinal) ? ErrorCode.MissingParameter : ErrorCode.InvalidValue);
        fault.Message.ShouldStartWith(field);
        fault.Message.ShouldContain("expected");
    }

    [Fact]
    public void With_PutsTheOthersFirst()
    {
        var both = TestedPrompts.Parameters("""{"temperature":0.5,"seed":1}""").With(TestedPrompts.Parameters("""{"temperature":1,"max_tokens":7}"""));

        (both.Options.Temperature, both.Options.MaxOutputTokens, both.Options.Seed).ShouldBe((1f, 7, 1L));
    }

    [Fact]
    public void WithNone_IsTheSame()
    {
        var parameters = TestedPrompts.Parameters("""{"temperature":0.5}""");

        parameters.With(PromptParameters.None).ShouldBeSameAs(parameters);
        PromptParameters.None.With(parameters).Options.Temperature.ShouldBe(0.5f);
        TestedPrompts.Parameters("""{"temperature":null}""").Json.ShouldBeEmpty();
        TestedPrompts.Parameters("null").ShouldBeSameAs(PromptParameters.None);
    }
}
