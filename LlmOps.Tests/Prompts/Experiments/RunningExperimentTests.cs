using LlmOps.Gateway.Access;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Tests.Configuration;

namespace LlmOps.Tests.Prompts.Experiments;

/// <summary>Which requests take part in an experiment, and what is the same to all of theirs.</summary>
public sealed class RunningExperimentTests
{
    private static readonly Dictionary<int, PromptVersion> Versions = TestedPrompts.Versions(1, 2);
    private static readonly Lazy<LlmOps.Gateway.Configuration.GatewaySnapshot> Snapshot = new(() => ConfigurationTests.Build());

    [Theory]
    [InlineData("request", false, false, false, false)]
    [InlineData("user", true, false, false, true)]
    [InlineData("session", false, true, false, true)]
    [InlineData("key", false, false, true, true)]
    [InlineData("user", false, true, true, false)]
    [InlineData("session", true, false, true, false)]
    [InlineData("key", true, true, false, false)]
    public void RequestsOfTheSameUnit_SeeTheSameVariant(string unit, bool user, bool session, bool key, bool isOneUnit)
    {
        var experiment = Run(TestedPrompts.Running($"\"unit\":\"{unit}\","));

        var seen = Enumerable.Range(0, 100).Select(number => experiment.UseOf(
            Request($"r{number}", user ? "ann" : $"user-{number}", session ? "s" : $"session-{number}", key ? "key_1" : $"key_{number}"), namesModel: false)!.Exposure!).ToList();

        seen.Select(exposure => exposure.Unit).Distinct().Count().ShouldBe(isOneUnit ? 1 : 100);
        seen.Select(exposure => exposure.Variant).Distinct().Count().ShouldBe(isOneUnit ? 1 : 2);
        seen.ShouldAllBe(exposure => exposure.Experiment == "tone");
    }

    [Fact]
    public void RequestWithoutItsUnit_IsOneOfItsOwn()
    {
        var experiment = Run(TestedPrompts.Running("\"unit\":\"session\","));

        Enumerable.Range(0, 100).Select(number => experiment.UseOf(Request($"r{number}"), false)!.Exposure!.Unit).Distinct().Count().ShouldBe(100);
        experiment.UseOf(Request("r1"), false)!.Exposure.ShouldBe(experiment.UseOf(Request("r1"), false)!.Exposure);
    }

    [Fact]
    public void UserOfTheSameNameInAnotherTenant_IsAnotherUnit()
    {
        var experiment = Run(TestedPrompts.Running("\"unit\":\"user\","));

        experiment.UseOf(Request("r1", "ann"), false)!.Exposure!.Unit.ShouldNotBe(experiment.UseOf(Request("r1", "ann", tenant: "other"), false)!.Exposure!.Unit);
    }

    [Fact]
    public void UserOfTheCredential_StandsWhereNoneIsNamed()
    {
        var experiment = Run(TestedPrompts.Running("\"unit\":\"user\","));

        var own = experiment.UseOf(Request("r1", owner: "ann"), false)!.Exposure;

        experiment.UseOf(Request("r2", owner: "ann"), false)!.Exposure.ShouldBe(own);
        experiment.UseOf(Request("r3", "ann", owner: "bob"), false)!.Exposure.ShouldBe(own);
    }

    [Fact]
    public void ShareThatGrows_MovesNobody()
    {
        var shares = new[] { 0, 0.1, 0.3, 0.6, 1 }.Select(share => Run(TestedPrompts.Running() with { Share = share })).ToList();

        foreach (var number in Enumerable.Range(0, 2_000))
        {
            var seen = shares.Select(experiment => experiment.UseOf(Request($"r{number}"), false)?.Exposure).SkipWhile(exposure => exposure is null).ToList();

            seen.ShouldNotBeEmpty();
            seen.ShouldAllBe(exposure => exposure == seen[0]);
        }

        Enumerable.Range(0, 2_000).ShouldAllBe(number => shares[0].UseOf(Request($"r{number}"), false) == null);
    }

    [Fact]
    public void PausedVariant_IsSeenByNobodyAndItsUnitsByNoOther()
    {
        var all = Run(TestedPrompts.Running());
        var paused = Run(TestedPrompts.Running() with { PausedVariants = ["v2"] });

        foreach (var request in Enumerable.Range(0, 200).Select(number => Request($"r{number}")))
        {
            var exposure = all.UseOf(request, false)!.Exposure!;
            paused.UseOf(request, false)?.Exposure.ShouldBe(exposure);
            (paused.UseOf(request, false) is null).ShouldBe(exposure.Variant == "v2");
        }
    }

    [Fact]
    public void VariantWhoseVersionIsNotThere_IsSeenByNobody()
    {
        var experiment = new RunningExperiment(TestedPrompts.Running(), TestedPrompts.Versions(1));

        Enumerable.Range(0, 100).Select(number => experiment.UseOf(Request($"r{number}"), false)?.Exposure!.Variant).Distinct().ShouldBe(["v1", null], ignoreOrder: true);
    }

    [Fact]
    public void RequestThatNamesItsModel_TakesNoPartWhereModelsAreCompared()
    {
        var words = Run(TestedPrompts.Running());
        var models = Run(TestedPrompts.Running(variants: """{"version":"v1"},{"name":"mini","version":"v1","model":"gpt-4o-mini"}"""));

        words.UseOf(Request("r1"), namesModel: true).ShouldNotBeNull();
        models.UseOf(Request("r1"), namesModel: true).ShouldBeNull();
        models.UseOf(Request("r1"), namesModel: false).ShouldNotBeNull();
    }

    [Fact]
    public void Variant_HasItsModelAndParametersBeforeThoseOfTheVersion()
    {
        var versions = new Dictionary<int, PromptVersion> { [1] = TestedPrompts.Version(1, more: "model: gpt-4o\nparameters: {temperature: 0.5, seed: 4}") };
        var experiment = new RunningExperiment(
            TestedPrompts.Running(variants: """{"name":"a","version":"v1"},{"name":"b","version":"v1","model":"gpt-4o-mini","parameters":{"temperature":1}}"""), versions);

        var uses = Enumerable.Range(0, 100).Select(number => experiment.UseOf(Request($"r{number}"), false)!)
            .Select(use => (use.Exposure!.Variant, use.Version.Name, use.Model, use.Parameters.Options.Temperature, use.Parameters.Options.Seed)).Distinct();

        uses.ShouldBe([("a", "v1", "gpt-4o", 0.5f, 4L), ("b", "v1", "gpt-4o-mini", 1f, 4L)], ignoreOrder: true);
    }

    private static RunningExperiment Run(Experiment experiment) => new(experiment, Versions);

    private static GatewayRequest Request(string id, string? user = null, string? session = null, string? key = null, string tenant = "acme", string? owner = null) => new()
    {
        RequestId = id,
        Endpoint = "/prompts",
        Family = "/prompts",
        Principal = new Principal(tenant, "someone", Roles.User) { Key = key, User = owner },
        Configuration = Snapshot.Value,
        StartedAt = 0,
        Timeout = TimeSpan.FromMinutes(1),
        CallerGone = default,
        Stopping = default,
        User = user,
        Session = session,
    };
}
