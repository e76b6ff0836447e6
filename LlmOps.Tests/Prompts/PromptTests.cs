using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Tests.Caching;

namespace LlmOps.Tests.Prompts;

/// <summary>Which version of a prompt a request is made from.</summary>
public sealed class PromptTests
{
    private static readonly GatewayRequest Request = CacheKeyTests.Request("acme", "/prompts", "fast", null);
    private readonly Prompt _prompt = Prompt(("production", 1), ("beta", 2));

    [Theory]
    [InlineData("v3", null, "v3", false)]
    [InlineData(null, "beta", "v2", false)]
    [InlineData(null, "production", "v1", false)]
    [InlineData(null, null, "v4", true)]
    public void VersionThenLabelThenExperiment_IsWhatIsChosen(string? version, string? label, string chosen, bool isExposed)
    {
        // Every request sees v4 in it.
        var prompt = _prompt with { Experiment = new RunningExperiment(TestedPrompts.Running(variants: """{"version":"v4","name":"a"},{"version":"v4","name":"b"}"""), _prompt.Versions) };

        var use = prompt.Choose(version, label, namesModel: false, Request);

        use.Version.Name.ShouldBe(chosen);
        (use.Exposure is not null).ShouldBe(isExposed);
    }

    [Fact]
    public void WithoutAnExperiment_ItIsProductionThenTheHighest()
    {
        var paused = new RunningExperiment(TestedPrompts.Running("\"share\":0,"), _prompt.Versions);

        _prompt.Choose(null, null, false, Request).Version.Name.ShouldBe("v1");
        (_prompt with { Experiment = paused }).Choose(null, null, false, Request).Version.Name.ShouldBe("v1");
        (_prompt with { Experiment = new RunningExperiment(TestedPrompts.Running(), _prompt.Versions) }).Choose(null, null, false, request: null).Exposure.ShouldBeNull();
        Prompt(("beta", 2)).Choose(null, null, false, Request).Version.Name.ShouldBe("v10");
        Prompt().Highest.Name.ShouldBe("v10");
        Prompt().Production.ShouldBeNull();
    }

    [Fact]
    public void VersionOfAUse_HasItsOwnModelAndParameters()
    {
        var version = TestedPrompts.Version(1, more: "model: gpt-4o\nparameters: {seed: 4}");

        var use = PromptUse.Of(version);

        (use.Version, use.Model, use.Parameters, use.Exposure).ShouldBe((version, "gpt-4o", version.Parameters, null));
    }

    [Theory]
    [InlineData("v5", null, "Prompt 'greeter' has no version 'v5'; it has v1, v2, v3, v4, v10.", "version")]
    [InlineData("2", null, "Prompt 'greeter' has no version '2'; it has v1, v2, v3, v4, v10.", "version")]
    [InlineData("", null, "Prompt 'greeter' has no version ''; it has v1, v2, v3, v4, v10.", "version")]
    [InlineData("production", null, "Prompt 'greeter' has no version 'production'; it has v1, v2, v3, v4, v10.", "version")]
    [InlineData(null, "v1", "Prompt 'greeter' has no label 'v1'; it has beta, production.", "label")]
    [InlineData(null, "Production", "Prompt 'greeter' has no label 'Production'; it has beta, production.", "label")]
    public void UnknownVersionOrLabel_IsNotFound(string? version, string? label, string message, string field)
    {
        var fault = Should.Throw<GatewayException>(() => _prompt.Choose(version, label, false, Request));

        (fault.Error, fault.Message, fault.Field).ShouldBe((ErrorCode.NotFound, message, field));
    }

    [Fact]
    public void LabelOfAPromptWithoutAny_IsNotFound() =>
        Should.Throw<GatewayException>(() => Prompt().Choose(null, "production", false, Request)).Message.ShouldBe("Prompt 'greeter' has no label 'production'; it has none.");

    [Fact]
    public void VersionBesideALabel_IsRefused()
    {
        var fault = Should.Throw<GatewayException>(() => _prompt.Choose("v1", "production", false, Request));

        (fault.Error, fault.Field).ShouldBe((ErrorCode.InvalidValue, "label"));
    }

    [Theory]
    [InlineData("production", true)]
    [InlineData("beta", false)]
    public void LabelWhoseVersionIsNotThere_IsUnavailable(string label, bool alsoByDefault)
    {
        var prompt = _prompt with { Labels = new Dictionary<string, PromptVersion?>(_prompt.Labels) { [label] = null } };

        var fault = Should.Throw<GatewayException>(() => prompt.Choose(null, label, false, Request));

        (fault.Error, fault.Error.Code).ShouldBe((ErrorCode.PromptUnavailable, "prompt_unavailable"));
        fault.Message.ShouldBe($"The version that label '{label}' of prompt 'greeter' names is not there; GET /admin/prompts says why.");
        prompt.Choose("v3", null, false, Request).Version.Name.ShouldBe("v3");
        if (alsoByDefault)
        {
            Should.Throw<GatewayException>(() => prompt.Choose(null, null, false, Request)).Error.ShouldBe(ErrorCode.PromptUnavailable);
        }
        else
        {
            prompt.Choose(null, null, false, Request).Version.Name.ShouldBe("v1");
        }
    }

    private static Prompt Prompt(params (string Label, int Version)[] labels)
    {
        var versions = TestedPrompts.Versions(1, 2, 3, 4, 10);
        return new Prompt { Name = "greeter", Versions = versions, Labels = labels.ToDictionary(label => label.Label, label => (PromptVersion?)versions[label.Version]), Changed = [] };
    }
}
