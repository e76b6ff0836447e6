using LlmOps.Gateway.Prompts;

namespace LlmOps.Tests.Prompts;

/// <summary>What the environment says of production, before the database knows of it.</summary>
public sealed class PromptSourcesTests
{
    [Theory]
    [InlineData("GREETER", "v2", 2)]
    [InlineData("greeter", "v1", 1)]
    [InlineData("greeter", "v3", null)]
    [InlineData("greeter", "2", null)]
    [InlineData("greeter", "", null)]
    [InlineData("other", "v1", null)]
    public void ProductionOfTheEnvironment_IsAVersionThatIsThere(string name, string value, int? version) =>
        PromptSources.ProductionOf(TestedPrompts.Folder(TestedPrompts.Files("greeter", 1, 2)), new Dictionary<string, string> { [name] = value })
            .Values.ShouldBe(version is { } number ? [number] : []);

    [Fact]
    public void NameOfAVariable_StandsForAPromptWithDashes() =>
        PromptSources.ProductionOf(TestedPrompts.Folder(TestedPrompts.Files("my-greeter", 1)), new Dictionary<string, string> { ["MY_GREETER"] = "v1" })
            .ShouldBe(new Dictionary<string, int> { ["my-greeter"] = 1 });
}
