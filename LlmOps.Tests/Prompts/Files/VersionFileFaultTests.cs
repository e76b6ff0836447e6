using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Tests.Prompts.Files;

/// <summary>What of a version's file is refused, with its line.</summary>
public sealed class VersionFileFaultTests
{
    private const string Head = "name: greeter\nversion: v1\n";

    [Theory]
    [InlineData("name: other\nversion: v1\nuser: Hi", 1, "name is \"other\"; expected greeter, the name of its folder.")]
    [InlineData("version: v1\nuser: Hi", 1, "name is missing; expected greeter, the name of its folder.")]
    [InlineData("# x\n\nversion: v1\nuser: Hi", 3, "name is missing; expected greeter, the name of its folder.")]
    [InlineData("name: greeter\nversion: v2\nuser: Hi", 2, "version is \"v2\"; expected v1, the name of the file.")]
    [InlineData("name: greeter\nversion: 1\nuser: Hi", 2, "version is 1; expected v1, the name of the file.")]
    [InlineData("name: greeter\nuser: Hi", 1, "version is missing; expected v1, the name of the file.")]
    [InlineData("user: Hi\nname: 5\nversion: v1", 2, "name is 5; expected greeter, the name of its folder.")]
    public void NameOrVersionThatDoesNotMatch_IsRefused(string text, int line, string reason) => Refused(text, line, reason);

    [Theory]
    [InlineData("user: Hi\nusr: Ho", 4, "usr is not known here; expected name, version, ")]
    [InlineData("user: Hi\nUser: Ho", 4, "User is not known here")]
    [InlineData("user: Hi\nparameters:\n  temprature: 1", 5, "parameters.temprature is not known here; expected temperature, ")]
    [InlineData("user: Hi\nparameters:\n  n: 2", 5, "parameters.n is not known here")]
    [InlineData("user: '{{x}}'\nvariables:\n  - name: x\n    max_len: 1", 6, "variables[0].max_len is not known here")]
    [InlineData("messages:\n  - role: user\n    content: Hi\n    name: x", 6, "messages[0].name is not known here")]
    public void UnknownName_IsRefused(string rest, int line, string reason) => Refused(Head + rest, line, reason);

    [Theory]
    [InlineData("temperature: 3", 5, "parameters.temperature is 3; expected a number from 0 to 2.")]
    [InlineData("temperature: hot", 5, "parameters.temperature is \"hot\"; expected a number from 0 to 2.")]
    [InlineData("top_p: 0.5\n  max_tokens: 0", 6, "parameters.max_tokens is 0; expected a whole number of at least 1.")]
    [InlineData("stop:\n    - a\n    - 1", 7, "parameters.stop[1] is 1")]
    [InlineData("seed: 1.5", 5, "parameters.seed is 1.5; expected a whole number.")]
    [InlineData("presence_penalty: 9e99", 5, "parameters.presence_penalty is 9e99")]
    [InlineData("tools:\n    - type: web_search", 6, "parameters.tools[0].type is \"web_search\"; expected function.")]
    [InlineData("seed: 1\n  tool_choice: auto", 6, "parameters.tool_choice is there without tools; expected it beside them.")]
    [InlineData("parallel_tool_calls: true", 5, "parameters.parallel_tool_calls is there without tools")]
    [InlineData("response_format:\n    type: xml", 6, "parameters.response_format.type is \"xml\"")]
    public void ParameterThatTheApiDoesNotTake_IsRefused(string parameter, int line, string reason) => Refused($"{Head}user: Hi\nparameters:\n  {parameter}\n", line, reason);

    [Theory]
    [InlineData("parameters: []", 4, "parameters is an empty array; expected an object.")]
    [InlineData("parameters: 1", 4, "parameters is 1; expected an object.")]
    [InlineData("model: 4", 4, "model is 4; expected a non-empty string.")]
    [InlineData("model: ' '", 4, "model is a string; expected a non-empty string.")]
    [InlineData("description: []", 4, "description is an empty array")]
    [InlineData("tools: [web search]", 4, "tools[0] is a string; expected the name of a tool (1 to 64 letters, digits, _ and -), with * at the end")]
    [InlineData("tools:\n  - docs__*\n  - 1", 6, "tools[1] is 1; expected a non-empty string.")]
    [InlineData("tools: search", 4, "tools is \"search\"; expected a list of names of tools.")]
    [InlineData("variables: x", 4, "variables is \"x\"; expected a list of variables.")]
    [InlineData("variables: [x]", 4, "variables[0] is \"x\"; expected a variable: name, ")]
    public void ValueOfAnotherKind_IsRefused(string rest, int line, string reason) => Refused($"{Head}user: Hi\n{rest}\n", line, reason);

    [Theory]
    [InlineData("- name: x\n  - name: y", 6, "y is declared, but not used; expected {{y}} in a message.")]
    [InlineData("- name: x\n  - name: X", 6, "X is declared, but not used")]
    [InlineData("- name: x\n  - name: x", 6, "x is declared twice.")]
    [InlineData("- description: x", 5, "variables[0].name is missing; expected the variable's name.")]
    [InlineData("- name: 1", 5, "variables[0].name is 1; expected a string.")]
    [InlineData("- name: 1x", 5, "variables[0].name is \"1x\"; expected a name of up to 64 letters, digits, _ and -.")]
    [InlineData("- name: x\n    required: true\n    default: y", 5, "required is true beside a default; expected one or the other.")]
    [InlineData("- name: x\n    required: maybe", 6, "variables[0].required is \"maybe\"; expected true or false.")]
    [InlineData("- name: x\n    default: [y]", 6, "variables[0].default is an array; expected a text.")]
    [InlineData("- name: x\n    default: abc\n    max_length: 2", 5, "default has 3 characters; expected at most max_length.")]
    [InlineData("- name: x\n    max_length: 0", 6, "variables[0].max_length is 0; expected a whole number of at least 1.")]
    [InlineData("- name: x\n    max_length: 1e400", 6, "variables[0].max_length is 1e400")]
    public void VariableThatDoesNotFit_IsRefused(string list, int line, string reason) => Refused($"{Head}user: '{{{{x}}}}'\nvariables:\n  {list}\n", line, reason);

    [Fact]
    public void VariableThatIsUsedButNotDeclared_IsRefused()
    {
        Refused(Head + "user: '{{x}} {{y}}'\nvariables:\n  - name: x", 5, "y is used, but not declared; expected it among variables.");

        Refused(Head + "user: '{{x}}'\nvariables: []", 4, "x is used, but not declared");
    }

    [Theory]
    [InlineData("system: Hi", 1, "user is missing; expected what the user says, or messages.")]
    [InlineData("user: ''", 3, "user is \"\"; expected a non-empty string.")]
    [InlineData("user: 5", 3, "user is 5; expected a non-empty string.")]
    [InlineData("user: Hi\nsystem: ' '", 4, "system is a string; expected a non-empty string.")]
    [InlineData("messages: []", 3, "messages is an empty array; expected a list of messages.")]
    [InlineData("messages: Hi", 3, "messages is \"Hi\"; expected a list of messages.")]
    [InlineData("messages:\n  - Hi", 4, "messages[0] is \"Hi\"; expected a message: role and content.")]
    [InlineData("messages:\n  - role: user", 4, "messages[0].content is missing; expected what is said.")]
    [InlineData("messages:\n  - content: Hi", 4, "messages[0].role is missing; expected system, user or assistant.")]
    [InlineData("messages:\n  - content: Hi\n    role: tool", 5, "messages[0].role is \"tool\"; expected system, user or assistant.")]
    [InlineData("system: Hi\nmessages:\n  - {role: user, content: Hi}", 5, "messages is there beside system or user; expected one or the other.")]
    [InlineData("messages: [{role: user, content: Hi}]\nuser: Hi", 3, "messages is there beside system or user")]
    public void MessagesThatDoNotFit_AreRefused(string rest, int line, string reason) => Refused(Head + rest, line, reason);

    [Theory]
    [InlineData("user: Hi {{", 3)]
    [InlineData("user: |\n  One\n  two {{a b}}\n  three", 5)]
    [InlineData("user: |-\n\n  One\n\n  {{\n", 7)]
    [InlineData("user: |2\n  One\n    {{1}}", 5)]
    [InlineData("system: |\n  Fine {{x}}\nuser: |\n  One\n  {{x}}\n  {{x", 8)]
    [InlineData("messages:\n  - role: user\n    content: |\n      One\n      {{.}}", 7)]
    [InlineData("messages:\n  - {role: user, content: Hi}\n  - {role: user, content: '{{'}", 5)]
    public void TemplateThatIsNone_IsRefusedWithTheLineInItsText(string rest, int line) => Refused(Head + rest, line, "{{ begins no variable here; expected {{name}}");

    private static void Refused(string text, int? line, string reason)
    {
        var fault = Should.Throw<PromptFileException>(() => VersionFile.Read("greeter", 1, text));

        fault.Message.ShouldStartWith(reason);
        fault.Line.ShouldBe(line);
    }
}
