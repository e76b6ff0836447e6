using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Files;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Prompts.Files;

/// <summary>What a version's file says.</summary>
public sealed class VersionFileTests
{
    private const string Complete = """
        # A comment.
        name: greeter
        version: v3
        description: Greets.
        model: gpt-4o
        parameters:
          temperature: 0.2
          max_tokens: 100
          stop: [END]
        tools: []
        variables:
          - name: who
            description: Whom to greet.
            required: true
            max_length: 20
          - name: tone
            default: kind
        system: |
          Be {{tone}}.
        user: Greet {{who}}.
        """;

    [Fact]
    public void CompleteFile_IsTaken()
    {
        var version = VersionFile.Read("greeter", 3, Complete);

        (version.Prompt, version.Number, version.Name, version.Description, version.Model).ShouldBe(("greeter", 3, "v3", "Greets.", "gpt-4o"));
        (version.Parameters.Options.Temperature, version.Parameters.Options.MaxOutputTokens).ShouldBe((0.2f, 100));
        version.Variables.ShouldBe([new PromptVariable("who", "Whom to greet.", null, 20), new PromptVariable("tone", null, "kind", null)]);
        version.Variables.Select(variable => variable.IsRequired).ShouldBe([true, false]);
        version.Render(new Dictionary<string, string> { ["who"] = "Ann", ["tone"] = "kind" }).Select(message => (message.Role, message.Text))
            .ShouldBe([(ChatRole.System, "Be kind.\n"), (ChatRole.User, "Greet Ann.")]);
        version.ContentHash.ShouldMatch("^[0-9a-f]{32}$");
        version.Identity.ShouldBe(new PromptIdentity("greeter", "v3", version.ContentHash));
    }

    [Fact]
    public void MinimalFile_TakesItsVariablesFromTheText()
    {
        var version = VersionFile.Read("greeter", 1, "name: greeter\nversion: v1\nuser: '{{b}} {{a}} {{b}}'");

        version.Variables.ShouldBe([new PromptVariable("b", null, null, null), new PromptVariable("a", null, null, null)]);
        version.Messages.Select(message => message.Role).ShouldBe([ChatRole.User]);
        (version.Description, version.Model).ShouldBe((null, null));
        version.Parameters.ShouldBeSameAs(PromptParameters.None);
    }

    [Fact]
    public void Messages_AreAConversation()
    {
        var version = VersionFile.Read(
            "greeter", 1, """
            name: greeter
            version: v1
            messages:
              - role: system
                content: Be kind.
              - {role: user, content: Hi}
              - role: assistant
                content: "Hello {{x}}"
              - role: user
                content: >
                  Now
                  {{y}}
            """);

        version.Messages.Select(message => (message.Role, message.Content.Source))
            .ShouldBe([(ChatRole.System, "Be kind."), (ChatRole.User, "Hi"), (ChatRole.Assistant, "Hello {{x}}"), (ChatRole.User, "Now {{y}}")]);
        version.Variables.Select(variable => variable.Name).ShouldBe(["x", "y"]);
    }

    [Theory]
    [InlineData("default: 3", "3")]
    [InlineData("default: 1.50", "1.50")]
    [InlineData("default: true", "true")]
    [InlineData("default: yes", "yes")]
    [InlineData("default: ''", "")]
    [InlineData("default: 'null'", "null")]
    [InlineData("default: 2026-01-01", "2026-01-01")]
    [InlineData("default: 007", "007")]
    [InlineData("required: false", "")]
    [InlineData("required: false\n    default: x", "x")]
    [InlineData("default: ", null)]
    [InlineData("default: ~", null)]
    [InlineData("required: true", null)]
    [InlineData("max_length: 9", null)]
    public void Default_IsTheTextAsItIsWritten(string line, string? preset) =>
        VersionFile.Read("greeter", 1, $"name: greeter\nversion: v1\nuser: '{{{{x}}}}'\nvariables:\n  - name: x\n    {line}\n")
            .Variables.ShouldHaveSingleItem().Default.ShouldBe(preset);

    [Fact]
    public void NullMembers_AreAsThoughNotThere() =>
        VersionFile.Read("greeter", 1, "name: greeter\nversion: v1\nmodel:\nparameters: ~\nvariables: null\nsystem: \ntools:\nmessages:\nuser: Hi").Messages.Count.ShouldBe(1);

    [Theory]
    [InlineData("description: Greets.", "description: Greets people.")]
    [InlineData("description: Whom to greet.", "description: Who.")]
    [InlineData("# A comment.", "# Another.")]
    [InlineData("version: v3", "version: \"v3\"")]
    [InlineData("tools: []", "")]
    public void Hash_IsTheSameWhereOnlyWhatPeopleReadHasChanged(string before, string after) =>
        Hash(Complete.Replace(before, after, StringComparison.Ordinal)).ShouldBe(Hash(Complete));

    [Theory]
    [InlineData("Greet {{who}}.", "Greet {{who}}!")]
    [InlineData("Be {{tone}}.", "Be {{ tone }}.")]
    [InlineData("temperature: 0.2", "temperature: 0.3")]
    [InlineData("  stop: [END]\n", "")]
    [InlineData("model: gpt-4o", "model: gpt-4o-mini")]
    [InlineData("model: gpt-4o\n", "")]
    [InlineData("default: kind", "default: stern")]
    [InlineData("default: kind", "required: true")]
    [InlineData("max_length: 20", "max_length: 21")]
    [InlineData("system: |", "system: |-")]
    public void Hash_IsAnotherWhereAnAnswerMayBe(string before, string after)
    {
        var changed = Complete.Replace(before, after, StringComparison.Ordinal);

        changed.ShouldNotBe(Complete);
        Hash(changed).ShouldNotBe(Hash(Complete));
    }

    [Fact]
    public void Hash_IsTheSameInAnotherOrderOfParameters() =>
        Hash(Complete.Replace("  temperature: 0.2\n  max_tokens: 100\n", "  max_tokens: 100\n  temperature: 0.2\n", StringComparison.Ordinal)).ShouldBe(Hash(Complete));

    [Fact]
    public void ShippedPrompts_AreTaken()
    {
        var folder = new PromptFolder(Path.Combine(AppContext.BaseDirectory, "prompts"), TimeProvider.System);

        var content = folder.Read(atOnce: true);

        content.Faults.ShouldBeEmpty();
        content.Prompts.Keys.ShouldContain("summarizer");
    }

    private static string Hash(string text) => VersionFile.Read("greeter", 3, text).ContentHash;
}
