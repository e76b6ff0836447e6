using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts;

namespace LlmOps.Tests.Prompts;

/// <summary>The values of a request are checked against the variables of its prompt.</summary>
public sealed class PromptValuesTests
{
    private static readonly PromptVersion Version = TestedPrompts.Version(
        2, user: "{{text}} {{length}} {{tone}} {{note}}", more: """
        variables:
          - name: text
            description: The text to greet.
          - name: length
            default: 3
            max_length: 5
          - name: tone
            default: " "
          - name: note
            required: false
        """);

    [Fact]
    public void ValuesThatAreNotGiven_AreTheDefaults() =>
        Read("""{"text":"x"}""").ShouldBe(new Dictionary<string, string> { ["text"] = "x", ["length"] = "3", ["tone"] = " ", ["note"] = "" }, ignoreOrder: true);

    [Fact]
    public void ValuesThatAreGiven_StandBeforeTheDefaults() =>
        Read("""{"text":"{{tone}}","length":"12345","tone":"","note":"n"}""")
            .ShouldBe(new Dictionary<string, string> { ["text"] = "{{tone}}", ["length"] = "12345", ["tone"] = "", ["note"] = "n" }, ignoreOrder: true);

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.50", "1.50")]
    [InlineData("-2e3", "-2e3")]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    [InlineData("null", "3")]
    public void NumbersAndTruthValues_StandAsTheyAreWritten(string value, string text) => Read($$"""{"text":"x","length":{{value}}}""")["length"].ShouldBe(text);

    [Theory]
    [InlineData("{}", "variables.text is missing; expected The text to greet (prompt greeter@v2).", "variables.text", true)]
    [InlineData("""{"text":null}""", "variables.text is missing; expected The text to greet (prompt greeter@v2).", "variables.text", true)]
    [InlineData("""{"text":""}""", "variables.text is empty; expected a text (prompt greeter@v2).", "variables.text", false)]
    [InlineData("""{"text":" \n"}""", "variables.text is empty; expected a text (prompt greeter@v2).", "variables.text", false)]
    [InlineData("""{"text":["x"]}""", "variables.text is no text; expected a string, a number, true or false (prompt greeter@v2).", "variables.text", false)]
    [InlineData("""{"text":{}}""", "variables.text is no text; expected a string, a number, true or false (prompt greeter@v2).", "variables.text", false)]
    [InlineData("""{"text":"\ud800"}""", "variables.text is no text; expected a string, a number, true or false (prompt greeter@v2).", "variables.text", false)]
    [InlineData("""{"text":"x","length":"123456"}""", "variables.length has 6 characters; expected at most 5 (prompt greeter@v2).", "variables.length", false)]
    [InlineData("""{"text":"x","length":123456}""", "variables.length has 6 characters; expected at most 5 (prompt greeter@v2).", "variables.length", false)]
    [InlineData("""{"text":"x","Text":"x"}""", "variables.Text is not known; expected text, length, tone, note (prompt greeter@v2).", "variables.Text", false)]
    public void Fault_NamesTheVariableAndWhatWasExpected(string given, string message, string field, bool isMissing)
    {
        var fault = Should.Throw<GatewayException>(() => Read(given));

        fault.Message.ShouldBe(message);
        fault.Field.ShouldBe(field);
        fault.Error.ShouldBe(isMissing ? ErrorCode.MissingParameter : ErrorCode.InvalidValue);
    }

    [Fact]
    public void AllFaults_AreInOneMessage()
    {
        var fault = Should.Throw<GatewayException>(() => Read("""{"length":"123456","tone":[],"x":1,"y":2}"""));

        fault.Field.ShouldBe("variables.text");
        fault.Error.ShouldBe(ErrorCode.MissingParameter);
        foreach (var part in (string[])["variables.text is missing", "variables.length has 6 characters", "variables.tone is no text", "variables.x is not known", "variables.y is not known"])
        {
            fault.Message.ShouldContain(part);
        }
    }

    [Fact]
    public void NoValuesAtAll_AreThoseOfAPromptWithoutVariables()
    {
        var version = TestedPrompts.Version(1, user: "Hello");

        PromptValues.Read(version, null, "variables").ShouldBeEmpty();
        Should.Throw<GatewayException>(() => PromptValues.Read(version, JsonElement.Parse("""{"x":1}"""), "variables"))
            .Message.ShouldBe("variables.x is not known; the prompt has no variables (prompt greeter@v1).");
        Should.Throw<GatewayException>(() => PromptValues.Read(Version, null, "input")).Field.ShouldBe("input.text");
    }

    [Fact]
    public void UnknownName_IsShownShort()
    {
        var fault = Should.Throw<GatewayException>(() => Read($$"""{"text":"x","{{new string('ü', 1000)}}":1}"""));

        fault.Message.Length.ShouldBeLessThan(300);
        fault.Message.ShouldNotContain("ü");
    }

    private static IReadOnlyDictionary<string, string> Read(string given) => PromptValues.Read(Version, JsonElement.Parse(given), "variables");
}
