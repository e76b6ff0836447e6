using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>The semantic cache of a gateway with Qdrant and Text Embeddings Inference, and without them; over real sockets.</summary>
public sealed class SharedSemanticCacheTests : CacheTests
{
    private const string Asks = "What is the capital of France?";
    private const string AsksTheSame = "what's france's capital";

    private readonly FakeQdrant _qdrant = new();
    private readonly FakeServer _qdrantServer;
    private readonly FakeTei _tei = new();
    private readonly FakeServer _teiServer;

    public SharedSemanticCacheTests()
    {
        _qdrantServer = new FakeServer(_qdrant.Answer);
        _teiServer = new FakeServer(_tei.Answer);
        Gateway.With("Gateway:Caching:Semantic:Mode", "On")
            .With("Gateway:Caching:Semantic:Threshold", "0.1")
            .With("Gateway:Caching:Semantic:Qdrant:Endpoint", _qdrantServer.BaseAddress.ToString())
            .With("Gateway:Caching:Semantic:Qdrant:CallTimeout", "30s")
            .With("Gateway:Embeddings:Timeout", "30s");
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _qdrantServer.DisposeAsync();
        await _teiServer.DisposeAsync();
        _qdrantServer.Faults.ShouldBeEmpty();
        _teiServer.Faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task SameQuestion_IsAnsweredFromQdrant(bool streaming, bool tei)
    {
        UseTei(tei);
        await AskAsync(streaming, text: Asks, fields: Fields(streaming));
        await KeptAsync(1);
        var hit = await AskAsync(streaming, text: AsksTheSame);

        (hit.Cache, hit.Text, hit.Complete).ShouldBe(("hit-semantic", Text, true));
        _teiServer.Requests.Count.ShouldBe(tei ? 3 : 0);
        _qdrant.Collections.Single().ShouldContain(tei ? "bge-small-en" : "offline-embedding");
        (await HealthAsync()).ShouldBe((true, "up", tei ? "embeddings by tei" : null));
    }

    [Fact]
    public async Task AnotherGateway_SharesThem_AndARestartKeepsThem()
    {
        await AskAsync(text: Asks);
        await KeptAsync(1);
        await using var other = new GatewayApplication().WithOpenAI(Provider).With("Gateway:Caching:Semantic:Mode", "On")
            .With("Gateway:Caching:Semantic:Qdrant:Endpoint", _qdrantServer.BaseAddress.ToString());

        using var response = await other.CompleteAsync(Request(text: AsksTheSame));

        response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("hit-semantic");
        Provider.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task AnotherEmbeddingModel_ReusesNoOldVectors()
    {
        UseTei(true);
        await AskAsync(text: Asks);
        await KeptAsync(1);
        await using var other = new GatewayApplication().WithOpenAI(Provider).With("Gateway:Caching:Semantic:Mode", "On").With("Gateway:Caching:Semantic:Threshold", "0")
            .With("Gateway:Caching:Semantic:Verifier", "None")
            .With("Gateway:Caching:Semantic:Qdrant:Endpoint", _qdrantServer.BaseAddress.ToString())
            .With("Gateway:Embeddings:Endpoint", _teiServer.BaseAddress.ToString());
        _tei.ModelId = "intfloat/e5-small";

        using var response = await other.CompleteAsync(Request(text: AsksTheSame));

        response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("miss");
        await KeptAsync(2);
        _qdrant.Collections.Count.ShouldBe(2);
    }

    [Fact]
    public async Task TenantOfAnother_CannotBePlantedInQdrant()
    {
        await AskAsync(text: Asks);
        await KeptAsync(1);

        // Whoever writes there may write anything; the answer says whose it is.
        var point = _qdrant.Points.Single().Value;
        point["payload"]!["tenant"] = "another";
        using var http = new HttpClient();
        using var written = await http.PutAsync(
            new Uri(_qdrantServer.BaseAddress, $"collections/{_qdrant.Collections.Single()}/points?wait=true"), new StringContent($$"""{"points":[{{point.ToJsonString()}}]}"""));

        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("miss");
        Provider.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task AnswerThatCannotBeRead_IsRemoved()
    {
        await AskAsync(text: Asks);
        await KeptAsync(1);
        var point = _qdrant.Points.Single().Value;
        point["payload"]!["answer"] = """{"choices":"none"}""";
        var id = _qdrant.Points.Single().Key;
        using var http = new HttpClient();
        using var written = await http.PutAsync(
            new Uri(_qdrantServer.BaseAddress, $"collections/{_qdrant.Collections.Single()}/points?wait=true"), new StringContent($$"""{"points":[{{point.ToJsonString()}}]}"""));

        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("miss");
        await Conditions.HoldsAsync(() => Task.FromResult(!_qdrant.Points.ContainsKey(id)));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task LossUnderLoad_CostsNoRequest(bool streaming, bool tei)
    {
        UseTei(tei);
        Gateway.With("Gateway:Caching:Semantic:Qdrant:CallTimeout", "100ms").With("Gateway:Embeddings:Timeout", "100ms");
        await AskAsync(text: Asks);
        await KeptAsync(1);
        FakeReply[] losses = [FakeReply.Reset(), FakeReply.Silence(), FakeReply.Close(), FakeReply.Text(500, "text/plain", "no"), FakeReply.Text(200, "text/plain", "not json")];
        var server = tei ? _teiServer : _qdrantServer;
        var asked = 0;
        for (var loss = 0; loss <= losses.Length; loss++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(streaming, text: $"Name {Interlocked.Increment(ref asked)} cities", fields: Fields(streaming))));
            answers.ShouldAllBe(answer => answer.Status == 200 && answer.Complete && answer.Text == Text);
            var reply = losses[Math.Min(loss, losses.Length - 1)];
            server.Handler = _ => reply;
        }

        await Conditions.HoldsAsync(async () => (await HealthAsync()).Healthy is false);
        var degraded = await AskAsync(streaming, text: "Name a city");
        (degraded.Status, degraded.Complete, degraded.Degraded).ShouldBe((200, true, tei ? "tei" : "qdrant"));

        server.Handler = tei ? _tei.Answer : _qdrant.Answer;
        var more = "";
        await Conditions.HoldsAsync(async () => (await AskAsync(text: AsksTheSame + (more += "?"))).Cache == "hit-semantic");
        await Conditions.HoldsAsync(async () => (await HealthAsync()).Healthy is true);
        Gateway.Logs.All.Count(log => log.Message.StartsWith(tei ? "There are no embeddings" : "Qdrant is down")).ShouldBeLessThan(10);
    }

    [Fact]
    public async Task GatewayWithoutThem_StartsAndAnswers()
    {
        UseTei(true);
        await _qdrantServer.DisposeAsync();
        await _teiServer.DisposeAsync();

        var asked = await AskAsync(text: Asks);

        (asked.Status, asked.Cache, asked.Degraded).ShouldBe((200, "miss", "tei"));
    }

    [Fact]
    public async Task QuestionThatTheEmbeddingDoesNotTake_IsAskedAnew()
    {
        UseTei(true);
        _tei.Vectors = new FakeVectors { MostWords = 2 };

        var asked = await AskAsync(text: Asks);

        (asked.Status, asked.Cache, asked.Degraded).ShouldBe((200, "miss", null));
    }

    private static string Fields(bool streaming) => streaming ? "\"temperature\":0,\"stream_options\":{\"include_usage\":true}" : "\"temperature\":0";

    private void UseTei(bool tei)
    {
        if (tei)
        {
            Gateway.With("Gateway:Embeddings:Endpoint", _teiServer.BaseAddress.ToString());
        }
    }

    private Task KeptAsync(int points) => Conditions.HoldsAsync(() => Task.FromResult(_qdrant.Points.Count == points));

    private async Task<(bool Healthy, string? Qdrant, string? Tei)> HealthAsync()
    {
        var health = JsonElement.Parse(await Gateway.Http.GetStringAsync("/health"));
        var dependencies = health.GetProperty("dependencies");
        string? Told(string name) => dependencies.TryGetProperty(name, out var told) ? told.GetProperty("description").GetString() : null;
        return (health.GetProperty("status").GetString() == "healthy", Told("qdrant"), Told("tei"));
    }
}
