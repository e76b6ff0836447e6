using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Tests.Prompts.Files;

/// <summary>What an experiment.yaml says, and what of it is refused.</summary>
public sealed class ExperimentFileTests
{
    private const string Variants = "variants:\n  - version: v1\n  - version: v2\n";

    [Fact]
    public void CompleteFile_IsTaken()
    {
        var experiment = ExperimentFile.Read(
            "greeter", """
            name: tone-2
            description: Is a kind tone better?
            unit: user
            salt: pepper
            share: 0.25
            state: running
            guard:
              error_rate: 0.02
              latency_ms: 500
            variants:
              - name: control
                version: v1
                weight: 3
              - name: kind
                version: v2
                model: gpt-4o-mini
                parameters: {temperature: 0.7}
            """);

        (experiment.Name, experiment.Prompt, experiment.Description, experiment.Unit, experiment.Salt, experiment.Share, experiment.State)
            .ShouldBe(("tone-2", "greeter", "Is a kind tone better?", ExperimentUnit.User, "pepper", 0.25, ExperimentState.Running));
        experiment.Guard.ShouldBe(new Dictionary<Measure, double> { [Measure.ErrorRate] = 0.02, [Measure.LatencyMs] = 500 }, ignoreOrder: true);
        experiment.Variants.Select(variant => (variant.Name, variant.Version, variant.Weight, variant.Model, variant.Parameters.Options.Temperature))
            .ShouldBe([("control", 1, 3d, null, null), ("kind", 2, 1d, "gpt-4o-mini", 0.7f)]);
    }

    [Fact]
    public void MinimalFile_HasDefaults()
    {
        var experiment = ExperimentFile.Read("greeter", "name: tone\n" + Variants);

        (experiment.Description, experiment.Unit, experiment.Salt, experiment.Share, experiment.State).ShouldBe((null, ExperimentUnit.Request, "tone", 1d, ExperimentState.Draft));
        experiment.Guard.ShouldBe(new Dictionary<Measure, double> { [Measure.ErrorRate] = 0 });
        experiment.Variants.Select(variant => (variant.Name, variant.Version, variant.Weight)).ShouldBe([("v1", 1, 1d), ("v2", 2, 1d)]);
    }

    [Fact]
    public void EmptyGuard_GuardsNothing() => ExperimentFile.Read("greeter", "name: tone\nguard: {}\n" + Variants).Guard.ShouldBeEmpty();

    [Theory]
    [InlineData("name: a b", 1, "name is a string; expected a name of up to 64 letters, digits, _ and -.")]
    [InlineData("name: 1", 1, "name is 1; expected a string.")]
    [InlineData("share: 1", 1, "name is missing; expected a name of up to 64")]
    [InlineData("name: tone\nprompt: greeter", 2, "prompt is not known here; expected name, description, ")]
    [InlineData("name: tone\nweight: 1", 2, "weight is not known here")]
    [InlineData("name: tone\ndescription: ''", 2, "description is \"\"; expected a non-empty string.")]
    [InlineData("name: tone\nunit: tenant", 2, "unit is \"tenant\"; expected one of request, user, session, key.")]
    [InlineData("name: tone\nunit: 1", 2, "unit is 1; expected a string.")]
    [InlineData("name: tone\nunit: User", 2, "unit is \"User\"; expected one of")]
    [InlineData("name: tone\nsalt: ''", 2, "salt is \"\"; expected a non-empty string.")]
    [InlineData("name: tone\nshare: 1.01", 2, "share is 1.01; expected a number from 0 to 1.")]
    [InlineData("name: tone\nshare: -0.1", 2, "share is -0.1; expected a number from 0 to 1.")]
    [InlineData("name: tone\nshare: 50%", 2, "share is \"50%\"; expected a number from 0 to 1.")]
    [InlineData("name: tone\nstate: over", 2, "state is \"over\"; expected one of draft, running, paused, decided.")]
    [InlineData("name: tone\nguard: error_rate", 2, "guard is \"error_rate\"; expected an object of measures")]
    [InlineData("name: tone\nguard:\n  errors: 1", 3, "guard.errors is not known here; expected error_rate, latency_ms, tokens, cost_usd, feedback.")]
    [InlineData("name: tone\nguard:\n  error_rate: -1", 3, "guard.error_rate is -1; expected a number from 0 to ")]
    [InlineData("name: tone\nguard:\n  error_rate:", 3, "guard.error_rate is null")]
    public void FieldThatDoesNotFit_IsRefusedWithItsLine(string text, int line, string reason) => Refused($"{text}\n{Variants}", line, reason);

    [Theory]
    [InlineData("[]", 2, "variants has 0; expected a list of 2 to 10 variants.")]
    [InlineData("[{version: v1}]", 2, "variants has 1; expected a list of 2 to 10 variants.")]
    [InlineData("v1", 2, "variants is \"v1\"; expected a list of 2 to 10 variants.")]
    [InlineData("[v1, v2]", 2, "variants[0] is \"v1\"; expected a variant: name, version, weight, model, parameters.")]
    [InlineData("\n- version: v1\n- weight: 1", 4, "variants[1].version is missing; expected v and a number from 1")]
    [InlineData("\n- version: v1\n- version: 2", 4, "variants[1].version is 2; expected v and a number")]
    [InlineData("\n- version: v1\n- version: production", 4, "variants[1].version is \"production\"; expected v and a number")]
    [InlineData("\n- version: v1\n- version: v1", 4, "variants[1] has the name v1 of another one; expected a name of its own.")]
    [InlineData("\n- {version: v1, name: a}\n- {version: v2, name: a}", 4, "variants[1] has the name a of another one")]
    [InlineData("\n- {version: v1, name: a b}\n- {version: v2}", 3, "variants[0].name is a string; expected a name")]
    [InlineData("\n- version: v1\n- version: v2\n  weight: 0", 5, "variants[1].weight is 0; expected a number above 0.")]
    [InlineData("\n- version: v1\n- version: v2\n  weight: -1", 5, "variants[1].weight is -1; expected a number from 0 to 1000000.")]
    [InlineData("\n- version: v1\n- version: v2\n  weight: 2e6", 5, "variants[1].weight is 2e6")]
    [InlineData("\n- version: v1\n- version: v2\n  model: ''", 5, "variants[1].model is \"\"")]
    [InlineData("\n- version: v1\n- version: v2\n  share: 1", 5, "variants[1].share is not known here")]
    [InlineData("\n- version: v1\n- version: v2\n  parameters:\n    temperature: 3", 6, "variants[1].parameters.temperature is 3; expected a number from 0 to 2.")]
    [InlineData("\n- version: v1\n- version: v2\n  parameters:\n    heat: 3", 6, "variants[1].parameters.heat is not known here")]
    public void VariantsThatDoNotFit_AreRefusedWithTheirLine(string variants, int line, string reason) => Refused($"name: tone\nvariants: {variants}\n", line, reason);

    [Fact]
    public void MoreThanTenVariantsOrALongSalt_AreRefused()
    {
        Refused("name: tone\n", 1, "variants is missing; expected a list of 2 to 10 variants.");

        Refused("name: tone\nvariants:\n" + string.Concat(Enumerable.Range(1, 11).Select(n => $"- version: v{n}\n")), 3, "variants has 11");
        Refused($"name: tone\nsalt: {new string('x', 129)}\n{Variants}", 2, "salt is a string; expected up to 128 characters.");
    }

    private static void Refused(string text, int line, string reason)
    {
        var fault = Should.Throw<PromptFileException>(() => ExperimentFile.Read("greeter", text));

        fault.Message.ShouldStartWith(reason);
        fault.Line.ShouldBe(line);
    }
}
