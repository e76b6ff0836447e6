using LlmOps.Gateway.Configuration;
using LlmOps.Tests.Configuration;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>A model decides whether two questions are the same; over real sockets.</summary>
public sealed class JudgeVerifierTests : CacheTests
{
    private const string Asks = "How do I get from Berlin to Hamburg?";
    private const string AsksNearly = "What is the way to travel from Berlin to Hamburg?";

    private string _verdict = "same";
    private int _judged;

    public JudgeVerifierTests()
    {
        Gateway.With("Gateway:Caching:Semantic:Mode", "On").With("Gateway:Caching:Semantic:Verifier", "Judge").With("Gateway:Caching:Semantic:JudgeModel", "gpt-4o")
            .With("Gateway:Caching:Semantic:Threshold", "0.1").With("Gateway:Caching:Semantic:JudgeTimeout", "30s");
        Provider.Handler = request => IsForJudge(request) ? Judge(request) : FakeOpenAI.Handler(_ => Answer, GatewayApplication.ProviderKey)(request);
    }

    [Theory]
    [InlineData("same", true)]
    [InlineData("Same.", true)]
    [InlineData("different", false)]
    [InlineData("The same, I think", false)]
    [InlineData("", false)]
    public async Task Judge_Decides(string verdict, bool isSame)
    {
        _verdict = verdict;
        await AskAsync(text: Asks);
        var asked = await AskAsync(text: AsksNearly);

        asked.Cache.ShouldBe(isSame ? "hit-semantic" : "miss");
        _judged.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task JudgesCall_IsPartOfTheRequestsCost(bool streaming)
    {
        await AskAsync(text: Asks);
        await AskAsync(streaming, text: AsksNearly);

        await Conditions.HoldsAsync(() => Task.FromResult(Gateway.Logs.Requests.Count() == 2));
        var line = Gateway.Logs.Requests.Last().State;
        line["Cache"].ShouldBe("hit-semantic");
        Convert.ToDecimal(line["CostUsd"], System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        line["Attempts"].ShouldBe(0);
    }

    [Fact]
    public async Task Judge_IsAskedOnce_HoweverManyQuestionsAreNear()
    {
        _verdict = "different";
        await AskAsync(text: Asks);
        await AskAsync(text: "How do I get from Berlin to Hamburg?!", headers: ("X-LlmOps-Cache", "exact"));
        await AskAsync(text: AsksNearly);

        _judged.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequestThatWantsAnExactAnswer_DoesNotShareTheCallOfOneThatIsJudged(bool streaming)
    {
        using var gate = new Gate();
        await AskAsync(text: Asks);
        var inner = Provider.Handler;
        Provider.Handler = request =>
        {
            if (IsForJudge(request))
            {
                gate.Opened.Wait(TimeSpan.FromSeconds(60));
            }

            return inner(request);
        };
        var judged = AskAsync(streaming, text: AsksNearly);
        await Provider.WaitForAsync(() => Provider.Requests.Count == 2);
        var exact = await AskAsync(streaming, text: AsksNearly, headers: ("X-LlmOps-Cache", "exact"));
        gate.Open();

        exact.Cache.ShouldBe("miss");
        (await judged).Cache.ShouldBe("hit-semantic");
    }

    [Fact]
    public async Task NumbersAndNames_AreNotLeftToTheJudge()
    {
        await AskAsync(text: "How do I get from Berlin to Hamburg in 3 hours?");
        (await AskAsync(text: "How do I get from Berlin to Hamburg in 4 hours?")).Cache.ShouldBe("miss");
        _judged.ShouldBe(0);
    }

    [Fact]
    public async Task JudgeThatFails_DoesNotConsent()
    {
        await AskAsync(text: Asks);
        Provider.Handler = request => IsForJudge(request) ? FakeReply.Json(500, """{"error":{"message":"no","type":"server_error","param":null,"code":null}}""") : FakeOpenAI.Handler(_ => Answer, GatewayApplication.ProviderKey)(request);

        var asked = await AskAsync(text: AsksNearly);

        (asked.Status, asked.Cache).ShouldBe((200, "miss"));
        await Conditions.HoldsAsync(() => Task.FromResult(Gateway.Logs.Requests.Count() == 2));
        Gateway.Logs.Requests.Last().State["SemanticRefusal"].ShouldBe("no judge");
        Gateway.Logs.Requests.Last().State["CostUsd"].ShouldBe(Gateway.Logs.Requests.First().State["CostUsd"]);
    }

    [Fact]
    public async Task SlowJudge_IsNotWaitedFor()
    {
        Gateway.With("Gateway:Caching:Semantic:JudgeTimeout", "100ms");
        await AskAsync(text: Asks);
        Provider.Handler = request => IsForJudge(request) ? FakeReply.Silence() : FakeOpenAI.Handler(_ => Answer, GatewayApplication.ProviderKey)(request);

        (await AskAsync(text: AsksNearly)).Cache.ShouldBe("miss");
    }

    [Theory]
    [InlineData("", "not set")]
    [InlineData("text-embedding-3-small", "does not chat")]
    [InlineData("nobodys-model", "no model")]
    public void JudgeWithoutAChatModel_IsAFaultOfTheConfiguration(string model, string says)
    {
        var fault = Should.Throw<ConfigurationException>(() => ConfigurationTests.Build(
            ("Gateway:Caching:Semantic:Verifier", "Judge"), ("Gateway:Caching:Semantic:JudgeModel", model), ("Gateway:Providers:openai:ApiKey", "k")));
        fault.Faults.ShouldHaveSingleItem().ShouldContain("Gateway:Caching:Semantic:JudgeModel");
        fault.Faults[0].ShouldContain(says);
    }

    private static bool IsForJudge(ReceivedRequest request) => request.Json.GetProperty("model").GetString() == "gpt-4o";

    private FakeReply Judge(ReceivedRequest request)
    {
        Interlocked.Increment(ref _judged);
        var messages = request.Json.GetProperty("messages");
        messages[0].GetProperty("role").GetString().ShouldBe("system");
        messages[1].GetProperty("content").GetString()!.ShouldContain(Asks);
        messages[1].GetProperty("content").GetString()!.ShouldContain(AsksNearly);
        return FakeOpenAI.Handler(_ => FakeAnswer.Text(_verdict), GatewayApplication.ProviderKey)(request);
    }
}
