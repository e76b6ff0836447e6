using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Prompts.Experiments.Reading;
using LlmOps.Tests.Access;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Prompts.Experiments;

/// <summary>Experiments from their making to their decision, on the gateway's own traffic.</summary>
public sealed class ExperimentTests : PromptGatewayTests
{
    private const string Running = """{"name":"warmer","prompt":"greeter","unit":"user","state":"running","variants":[{"version":"v1"},{"name":"warm","version":"v2"}]}""";

    public ExperimentTests()
    {
        WriteGreeter(1, 2, 3);
        Write("greeter/labels.yaml", "production: v3\n");
    }

    [Fact]
    public async Task User_AlwaysSeesTheSameVariant_AndBothAreSeen()
    {
        await CreateAsync(Running);

        var first = await SeenAsync(40);
        var again = await SeenAsync(40);

        again.ShouldBe(first);
        first.Distinct().ShouldBe(["v1", "v2"], ignoreOrder: true);
    }

    [Fact]
    public async Task RequestThatNamesWhatItWants_TakesNoPart()
    {
        await CreateAsync(Running);

        var (versioned, version) = await GreetAsync(",\"version\":\"v2\"", ("X-LlmOps-User", "u1"));
        var (labelled, label) = await GreetAsync(",\"label\":\"production\"", ("X-LlmOps-User", "u1"));

        (version, label).ShouldBe(("v2", "v3"));
        versioned.Headers.Contains("X-LlmOps-Variant").ShouldBeFalse();
        labelled.Headers.Contains("X-LlmOps-Variant").ShouldBeFalse();
    }

    [Fact]
    public async Task RequestThatNamesItsModel_TakesNoPartWhereModelsAreCompared()
    {
        await CreateAsync("""{"name":"models","prompt":"greeter","state":"running","variants":[{"name":"a","version":"v1","model":"gpt-4o"},{"name":"b","version":"v1","model":"gpt-4o-mini","parameters":{"temperature":0}}]}""");

        var (_, own) = await GreetAsync(",\"model\":\"gpt-4o\"");
        for (var request = 0; request < 20; request++)
        {
            (await GreetAsync()).Version.ShouldBe("v1");
        }

        own.ShouldBe("v3");
        Fake.Requests.Skip(1).Select(request => (request.Json.GetProperty("model").GetString(), request.Json.GetProperty("temperature").GetSingle())).Distinct()
            .ShouldBe([("gpt-4o", 0.7f), ("gpt-4o-mini", 0f)], ignoreOrder: true);
    }

    [Fact]
    public async Task AnswerTellsTheVariant_AndSoDoesTheLedger()
    {
        await CreateAsync(Running);

        var (response, version) = await GreetAsync(",\"user\":\"u1\"", ("X-Request-ID", "r-1"));

        var variant = version == "v1" ? "v1" : "warm";
        response.Headers.GetValues("X-LlmOps-Variant").ShouldBe([$"warmer/{variant}"]);
        var reply = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        (reply.GetProperty("experiment").GetString(), reply.GetProperty("variant").GetString()).ShouldBe(("warmer", variant));
        await Conditions.HoldsAsync(async () => (await ReportAsync("warmer")).GetProperty("requests").GetInt32() == 1);
        var usage = await Gateway.AdministerAsync("GET", "/admin/usage?group_by=prompt,prompt_version,variant");
        var row = usage.GetProperty("rows").EnumerateArray().Single();
        (row.GetProperty("prompt").GetString(), row.GetProperty("prompt_version").GetString(), row.GetProperty("variant").GetString()).ShouldBe(("greeter", version, variant));
    }

    [Fact]
    public async Task Share_LeavesTheOthersToProduction_AndMovesNobodyWhenItGrows()
    {
        await CreateAsync(Running.Replace("\"state\"", "\"share\":0.3,\"state\"", StringComparison.Ordinal));
        var few = await SeenAsync(60);

        await Gateway.AdministerAsync("PATCH", "/admin/experiments/warmer", """{"share":0.8}""");
        var more = await SeenAsync(60);

        few.Count(version => version == "v3").ShouldBeInRange(20, 58);
        more.Count(version => version == "v3").ShouldBeLessThan(few.Count(version => version == "v3"));
        few.Zip(more).Where(pair => pair.First != "v3").ShouldAllBe(pair => pair.First == pair.Second);
    }

    [Fact]
    public async Task ProductionThatIsMoved_PausesTheExperiment()
    {
        await CreateAsync(Running);

        await MoveAsync("v1");

        var report = await ReportAsync("warmer");
        report.GetProperty("experiment").GetProperty("state").GetString().ShouldBe("paused");
        report.GetProperty("events")[0].GetProperty("comment").GetString().ShouldBe("production was moved to v1");
        (await SeenAsync(5)).ShouldAllBe(version => version == "v1");
        await Gateway.AdministerAsync("PATCH", "/admin/experiments/warmer", """{"state":"running"}""");
        (await SeenAsync(40)).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task Decision_MovesProductionToTheWinner_AndEndsIt()
    {
        await CreateAsync(Running);

        var decided = await Gateway.AdministerAsync("POST", "/admin/experiments/warmer/decide", """{"winner":"warm","comment":"liked more"}""");

        (decided.GetProperty("state").GetString(), decided.GetProperty("winner").GetString()).ShouldBe(("decided", "warm"));
        (await SeenAsync(10)).ShouldAllBe(version => version == "v2");
        var move = (await Gateway.AdministerAsync("GET", "/admin/prompts/greeter/history")).GetProperty("moves")[0];
        (move.GetProperty("to").GetString(), move.GetProperty("source").GetString(), move.GetProperty("comment").GetString()).ShouldBe(("v2", "experiment", "liked more"));
        (await Gateway.RefusalAsync("PATCH", "/admin/experiments/warmer", """{"state":"running"}""")).Status.ShouldBe(409);
        (await Gateway.RefusalAsync("POST", "/admin/experiments/warmer/decide", """{"winner":"warm"}""")).Status.ShouldBe(409);
    }

    [Fact]
    public async Task DecisionOfAnother_PausesTheOneThatRuns()
    {
        await CreateAsync("""{"name":"earlier","prompt":"greeter","variants":[{"version":"v1"},{"version":"v2"}]}""");
        await CreateAsync(Running);

        await Gateway.AdministerAsync("POST", "/admin/experiments/earlier/decide", """{"winner":"v1"}""");

        (await StateAsync("warmer")).State.ShouldBe("paused");
    }

    [Fact]
    public async Task DecisionForAVariantWithAModelOfItsOwn_SaysWhatIsLeftToDo()
    {
        await CreateAsync("""{"name":"models","prompt":"greeter","variants":[{"version":"v1"},{"name":"cold","version":"v1","parameters":{"temperature":0}}]}""");

        var decided = await Gateway.AdministerAsync("POST", "/admin/experiments/models/decide", """{"winner":"cold"}""");

        decided.GetProperty("notice").GetString()!.ShouldContain("write them into a version");
    }

    [Fact]
    public async Task UserOfAChatCompletion_AlwaysSeesTheSameVariant()
    {
        await CreateAsync(Running);

        List<string> first = [], again = [];
        foreach (var seen in (List<string>[])[first, again])
        {
            foreach (var user in Enumerable.Range(0, 20))
            {
                using var response = await Gateway.CompleteAsync($$$"""{"model":"prompt:greeter","user":"user-{{{user}}}","metadata":{"name":"Ada"}}""");
                seen.Add(response.Headers.GetValues("X-LlmOps-Variant").Single());
            }
        }

        again.ShouldBe(first);
        first.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task VariantThatWasPausedForAWhile_LeavesTheSampleRatioUnsaid()
    {
        await CreateAsync(Running);
        await SeenAsync(40);
        await Conditions.HoldsAsync(async () => (await ReportAsync("warmer")).GetProperty("requests").GetInt32() == 40);
        var before = await ReportAsync("warmer");

        await Gateway.AdministerAsync("PATCH", "/admin/experiments/warmer", """{"variants":{"warm":"paused"}}""");
        (await SeenAsync(40)).ShouldNotContain("v2");
        await Gateway.AdministerAsync("PATCH", "/admin/experiments/warmer", """{"variants":{"warm":"running"}}""");

        before.GetProperty("sample_ratio").GetProperty("mismatch").GetBoolean().ShouldBeFalse();
        (await ReportAsync("warmer")).GetProperty("sample_ratio").ValueKind.ShouldBe(JsonValueKind.Null);
        (await SeenAsync(40)).ShouldContain("v2");
    }

    [Theory]
    [InlineData("""{"prompt":"greeter","variants":[{"version":"v1"},{"version":"v2"}]}""", 400, "name")]
    [InlineData("""{"name":"x","prompt":"nobody","variants":[{"version":"v1"},{"version":"v2"}]}""", 404, "prompt")]
    [InlineData("""{"name":"x","prompt":"greeter","variants":[{"version":"v1"}]}""", 400, "variants")]
    [InlineData("""{"name":"x","prompt":"greeter","variants":[{"version":"v1"},{"version":"v9"}]}""", 400, "variants")]
    [InlineData("""{"name":"x","prompt":"greeter","variants":[{"version":"v1"},{"version":"v1"}]}""", 400, "variants[1]")]
    [InlineData("""{"name":"x","prompt":"greeter","variants":[{"version":"v1"},{"version":"v2","weight":0}]}""", 400, "variants[1].weight")]
    [InlineData("""{"name":"x","prompt":"greeter","variants":[{"version":"v1"},{"version":"v2","parameters":{"temperature":3}}]}""", 400, "variants[1].parameters.temperature")]
    [InlineData("""{"name":"x","prompt":"greeter","share":1.1,"variants":[{"version":"v1"},{"version":"v2"}]}""", 400, "share")]
    [InlineData("""{"name":"x","prompt":"greeter","unit":"team","variants":[{"version":"v1"},{"version":"v2"}]}""", 400, "unit")]
    [InlineData("""{"name":"x","prompt":"greeter","state":"decided","variants":[{"version":"v1"},{"version":"v2"}]}""", 400, "state")]
    [InlineData("""{"name":"x","prompt":"greeter","guard":{"speed":1},"variants":[{"version":"v1"},{"version":"v2"}]}""", 400, "guard.speed")]
    [InlineData("""{"name":"warmer","prompt":"greeter","variants":[{"version":"v1"},{"version":"v2"}]}""", 409, "name")]
    [InlineData("""{"name":"x","prompt":"greeter","state":"running","variants":[{"version":"v1"},{"version":"v2"}]}""", 409, "state")]
    public async Task BadExperiment_IsRefusedAndNamed(string body, int status, string field)
    {
        await CreateAsync(Running);

        var (toldStatus, _, toldField, _) = await Gateway.RefusalAsync("POST", "/admin/experiments", body);

        (toldStatus, toldField).ShouldBe((status, field));
    }

    [Fact]
    public async Task File_StartsChangesAndEndsAnExperiment_WhereItSaysSomethingElse()
    {
        const string File = "name: by-file\nunit: user\nstate: running\nshare: 0.5\nvariants:\n  - version: v1\n  - version: v2\n";
        Write("greeter/experiment.yaml", File);
        await Gateway.AdministerAsync("POST", "/admin/prompts/reload");
        var started = await StateAsync("by-file");
        await Gateway.AdministerAsync("PATCH", "/admin/experiments/by-file", """{"share":1}""");

        Write("greeter/experiment.yaml", File.Replace("state: running", "state: running\ndescription: What is it", StringComparison.Ordinal));
        await Gateway.AdministerAsync("POST", "/admin/prompts/reload");
        var untouched = await StateAsync("by-file");
        Write("greeter/experiment.yaml", File.Replace("v2", "v3", StringComparison.Ordinal));
        var faults = (await Gateway.AdministerAsync("POST", "/admin/prompts/reload")).GetProperty("faults");
        var still = await StateAsync("by-file");
        System.IO.File.Delete(Path.Combine(Folder, "greeter/experiment.yaml"));
        await Gateway.AdministerAsync("POST", "/admin/prompts/reload");

        started.ShouldBe(("running", 0.5));
        untouched.ShouldBe(("running", 1), "the file's share is the one it had");
        faults[0].GetProperty("reason").GetString()!.ShouldContain("expected another name for other variants");
        still.ShouldBe(("running", 1));
        (await StateAsync("by-file")).ShouldBe(("paused", 1));
    }

    [Fact]
    public async Task VariantThatFailsMoreThanTheFirst_IsPausedByTheGuard()
    {
        await CreateAsync(Running);
        Fake.Handler = request => request.BodyText.Contains("This is v2", StringComparison.Ordinal) ? FakeOpenAI.Error(500, "no") : FakeOpenAI.Handler(FakeAnswer.Text("Hello"))(request);
        var seen = await SeenAsync(300);
        await Conditions.HoldsAsync(async () => (await ReportAsync("warmer")).GetProperty("requests").GetInt32() == 300);

        await Gateway.Services.GetRequiredService<ExperimentGuard>().LookAsync(default);

        seen.Count(version => version == "v2").ShouldBeGreaterThan(100);
        var report = await ReportAsync("warmer");
        report.GetProperty("experiment").GetProperty("paused_variants").GetRawText().ShouldBe("""["warm"]""");
        report.GetProperty("events")[0].GetProperty("action").GetString().ShouldBe("variant_paused");
        var errors = report.GetProperty("comparisons")[0].GetProperty("measures")[0];
        (errors.GetProperty("measure").GetString(), errors.GetProperty("significant").GetBoolean(), errors.GetProperty("always_valid").ValueKind).ShouldBe(("error_rate", true, JsonValueKind.Object));
        (await SeenAsync(40)).ShouldNotContain("v2");
    }

    private async Task CreateAsync(string json) => await Gateway.AdministerAsync("POST", "/admin/experiments", json, HttpStatusCode.Created);

    private Task<JsonElement> ReportAsync(string name) => Gateway.AdministerAsync("GET", $"/admin/experiments/{name}");

    private async Task<(string? State, double Share)> StateAsync(string name)
    {
        var experiment = (await ReportAsync(name)).GetProperty("experiment");
        return (experiment.GetProperty("state").GetString(), experiment.GetProperty("share").GetDouble());
    }

    // The versions that users see, each once.
    private async Task<List<string?>> SeenAsync(int users)
    {
        List<string?> versions = [];
        for (var user = 0; user < users; user++)
        {
            var (response, version) = await GreetAsync($",\"model\":null,\"user\":\"user-{user}\"", ("Cache-Control", "no-store"));
            response.Dispose();
            versions.Add(version);
        }

        return versions;
    }
}
