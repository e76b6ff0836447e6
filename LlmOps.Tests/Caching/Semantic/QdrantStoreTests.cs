using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Caching.Semantic.Qdrant;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers;
using LlmOps.Tests.Contracts;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>The store in Qdrant, against a server that enforces its contract; over real sockets.</summary>
public sealed class QdrantStoreTests : IAsyncLifetime
{
    private const string Key = "qdrant-key";
    private static readonly EmbeddingSpace Space = new("BAAI/bge-small-en-v1.5@5c38ec7", 4);
    private static readonly CacheKey Scope = new(1, 2, 3, 4);
    private static readonly float[] North = [1, 0, 0, 0];
    private static readonly float[] NearNorth = [0.98f, 0.198997f, 0, 0];
    private static readonly float[] East = [0, 1, 0, 0];

    private readonly FakeQdrant _qdrant = new() { ApiKey = Key };
    private readonly FakeServer _server;
    private readonly ManualTime _time = new();
    private readonly CollectedLogs _logs = new();
    private readonly ProviderTransport _transport;
    private readonly LoggerFactory _loggers;
    private readonly List<QdrantStore> _started = [];

    public QdrantStoreTests()
    {
        _loggers = new LoggerFactory([_logs]);
        _transport = new ProviderTransport(_time);
        _server = new FakeServer(_qdrant.Answer);
        _time.Advance(TimeSpan.FromDays(20_000));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var store in _started)
        {
            await store.StopAsync(CancellationToken.None);
            store.Dispose();
        }

        _transport.Dispose();
        _loggers.Dispose();
        await _server.DisposeAsync();
        _server.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task KeptEntry_IsFound_NearestFirst_WithItsAnswer()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, NearNorth));
        await KeepAsync(store, Entry(2, North));
        await KeepAsync(store, Entry(3, East));

        var found = (await SearchAsync(store, North)).ShouldNotBeNull();

        found.Select(candidate => candidate.Entry.Question).ShouldBe(["question 2", "question 1"]);
        found[0].Similarity.ShouldBe(1f, 0.001f);
        found[1].Similarity.ShouldBe(0.98f, 0.001f);
        var answer = found[0].Entry.Answer;
        (answer.Tenant, answer.ModelName, answer.Prompt, answer.Provider, answer.ProviderModel, answer.Cost).ShouldBe(("tenant", "model", "prompt", "openai", "gpt", new NanoUsd(17)));
        answer.Json.ToArray().ShouldBe("""{"answer":"Größe 🌈"}"""u8.ToArray());
        answer.ExpiresAt.ShouldBe(_time.GetUtcNow() + TimeSpan.FromHours(1));
        found[0].Entry.Id.ShouldBe(Id(2));
    }

    [Fact]
    public async Task Collection_IsOfTheEmbedding_WithIndexesOfWhatIsFilteredBy()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        await KeepAsync(store, Entry(2, North) with { Space = Space with { Model = "another" } });
        await KeepAsync(store, Entry(3, [1, 0]) with { Space = Space with { Dimensions = 2 } });

        _qdrant.Collections.Count.ShouldBe(3);
        _qdrant.Collections.ShouldAllBe(name => name.StartsWith("llmops_"));
        _qdrant.Indexes(_qdrant.Collections[0]).ShouldBe(new Dictionary<string, string>
        {
            ["scope"] = "keyword", ["tenant"] = "keyword", ["model"] = "keyword", ["prompt"] = "keyword", ["expires_at"] = "integer",
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task AnotherScopeOrEmbedding_FindsNothing()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));

        (await store.SearchAsync(Space, Scope with { First = 9 }, North, 0.1f, 5, default)).ShouldBeEmpty();
        (await store.SearchAsync(Space with { Model = "another" }, Scope, North, 0.1f, 5, default)).ShouldBeEmpty();
        (await store.SearchAsync(Space with { Dimensions = 2 }, Scope, new float[] { 1, 0 }, 0.1f, 5, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task EntryOfTheSameId_IsReplaced()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        await store.KeepAsync(Entry(1, North) with { Question = "newer" }, () => true);
        await Conditions.HoldsAsync(async () => (await SearchAsync(store, North))!.Single().Entry.Question == "newer");
    }

    [Fact]
    public async Task ExpiredEntry_IsNotFound_AndSwept()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        await KeepAsync(store, Entry(2, North, TimeSpan.FromHours(3)));

        _time.Advance(TimeSpan.FromHours(1));

        (await SearchAsync(store, North))!.Single().Entry.Id.ShouldBe(Id(2));
        await Conditions.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(_qdrant.Points.Count == 1);
        });
    }

    [Fact]
    public async Task Restart_KeepsThem()
    {
        await KeepAsync(await StoreAsync(), Entry(1, North));

        (await SearchAsync(await StoreAsync(), North))!.Single().Entry.Id.ShouldBe(Id(1));
    }

    [Fact]
    public async Task ServerThatForgotEverything_IsGivenItsCollectionAnew()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        _qdrant.Forget();

        (await SearchAsync(store, North)).ShouldBeEmpty();
        await KeepAsync(store, Entry(2, North));
        (await SearchAsync(store, North))!.Single().Entry.Id.ShouldBe(Id(2));
    }

    [Fact]
    public async Task CollectionThatAnotherReplicaMakesMeanwhile_IsTaken()
    {
        var made = false;
        _server.Handler = request =>
        {
            if (request.Method == "PUT" && request.Path.Split('/') is ["", "collections", _] && !made)
            {
                made = true;
                _qdrant.Answer(request);
            }

            return _qdrant.Answer(request);
        };
        await KeepAsync(await StoreAsync(), Entry(1, North));
        made.ShouldBeTrue();
    }

    [Theory]
    [InlineData("all", 0)]
    [InlineData("tenant:tenant", 0)]
    [InlineData("model:model", 0)]
    [InlineData("prompt:prompt", 0)]
    [InlineData("tenant:other", 1)]
    [InlineData("model:tenant", 1)]
    public async Task Clearing_RemovesWhatBelongsToIt_InAllCollections(string scope, int left)
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        await KeepAsync(store, Entry(2, North) with { Space = Space with { Model = "before" } });

        (await store.ClearAsync(scope)).ShouldBeTrue();

        _qdrant.Points.Count.ShouldBe(2 * left);
    }

    [Fact]
    public async Task ClearingThatCannotBeDone_LetsNothingBeFound_UntilItIs()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        _server.Handler = _ => FakeQdrant.Error(503, "no");

        (await store.ClearAsync("all")).ShouldBeFalse();
        _server.Handler = _qdrant.Answer;
        (await SearchAsync(store, North)).ShouldBeNull();
        await Conditions.HoldsAsync(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return await SearchAsync(store, North) is { Count: 0 };
        });
        _qdrant.Points.ShouldBeEmpty();
    }

    [Fact]
    public async Task OneEntry_CanBeRemoved_AlsoOneThatWaitsToBeWritten()
    {
        var store = await StoreAsync();
        await store.KeepAsync(Entry(1, North), () => true);
        await store.RemoveAsync(Space, Id(1));
        await KeepAsync(store, Entry(2, North));
        await Conditions.HoldsAsync(() => Task.FromResult(_qdrant.Points.Count == 1));
        (await SearchAsync(store, North))!.Single().Entry.Id.ShouldBe(Id(2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task EntryThatWasClearedBeforeOrWhileItIsWritten_DoesNotStay(int looks)
    {
        var store = await StoreAsync();
        var looked = 0;
        await store.KeepAsync(Entry(1, North), () => looked++ < looks);
        await KeepAsync(store, Entry(2, North));
        await Conditions.HoldsAsync(() => Task.FromResult(_qdrant.Points.Keys.SequenceEqual([Id(2).ToString()])));
        looked.ShouldBe(looks + 1);
    }

    [Fact]
    public async Task MoreThanItCanWrite_IsDropped_AndCounted()
    {
        var store = await StoreAsync();
        using var gate = new Gate();
        _server.Handler = request =>
        {
            gate.Opened.Wait(TimeSpan.FromSeconds(60));
            return _qdrant.Answer(request);
        };
        for (var number = 0; number < 1_100; number++)
        {
            await store.KeepAsync(Entry(number, North), () => true);
        }

        store.Dropped.ShouldBeInRange(98, 100);
        _logs.All.Count(log => log.Message.StartsWith("Not all answers")).ShouldBe(1);
        gate.Open();
    }

    [Fact]
    public async Task OddAnswers_StopNothing()
    {
        var store = await StoreAsync();
        _server.Handler = _ => FakeReply.Json(200, "{}");
        await store.KeepAsync(Entry(1, North), () => true);
        await store.ClearAsync("all");
        _time.Advance(TimeSpan.FromMinutes(1));
        await Conditions.HoldsAsync(() => Task.FromResult(store.Dropped == 1));
        _server.Handler = _qdrant.Answer;

        await Conditions.HoldsAsync(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return await SearchAsync(store, North) is { Count: 0 };
        });
        await KeepAsync(store, Entry(2, North));
    }

    [Fact]
    public async Task CollectionOfAnotherSize_IsNotUsed()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        var name = _qdrant.Collections.Single();
        _qdrant.Forget();
        using var http = new HttpClient { DefaultRequestHeaders = { { "api-key", Key } } };
        using var made = await http.PutAsync(new Uri(_server.BaseAddress, $"collections/{name}"), new StringContent("""{"vectors":{"size":8,"distance":"Cosine"}}"""));

        (await SearchAsync(store, North)).ShouldBeNull();
        await store.KeepAsync(Entry(1, North), () => true);
        await Conditions.HoldsAsync(() => Task.FromResult(_logs.All.Any(log => log.Message.Contains("vectors of 8 numbers"))));
        _qdrant.Points.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(400)]
    [InlineData(401)]
    public async Task Refusal_IsNoAnswer(int status)
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        _server.Handler = _ => FakeQdrant.Error(status, "secret question");

        (await SearchAsync(store, North)).ShouldBeNull();
        (store.Fault is null).ShouldBe(status == 400);
        _logs.All.ShouldAllBe(log => !log.Message.Contains("secret") && !log.Message.Contains(Key));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"result":null,"status":"ok"}""")]
    [InlineData("""{"result":{"points":[{"id":1,"score":0.9,"payload":null}]},"status":"ok"}""")]
    [InlineData("""{"result":{"points":[{"id":1,"score":0.9,"payload":{"question":5}}]},"status":"ok"}""")]
    [InlineData("not json")]
    public async Task OddAnswer_FindsNothing(string body)
    {
        var store = await StoreAsync();
        _server.Handler = _ => FakeReply.Json(200, body);
        ((await SearchAsync(store, North)) ?? []).ShouldBeEmpty();
    }

    [Fact]
    public async Task SilentServer_IsWaitedForAsLongAsTheSettingSays_ThenLeftAlone()
    {
        var store = await StoreAsync();
        _server.Handler = _ => FakeReply.Silence();
        for (var call = 0; call < 10; call++)
        {
            var search = SearchAsync(store, North);
            await _server.NextRequestAsync();
            _time.Advance(TimeSpan.FromMilliseconds(200));
            (await search).ShouldBeNull();
        }

        (await SearchAsync(store, North)).ShouldBeNull();
        _server.Requests.Count.ShouldBe(10);
        _logs.All.Count(log => log.Message.StartsWith("Qdrant is down")).ShouldBe(1);

        _server.Handler = _qdrant.Answer;
        _time.Advance(TimeSpan.FromSeconds(1));
        (await SearchAsync(store, North)).ShouldBeEmpty();
        _logs.All.Count(log => log.Message.StartsWith("Qdrant is up again")).ShouldBe(1);
    }

    [Fact]
    public async Task CallerThatLeaves_IsNoFaultOfTheServers()
    {
        var store = await StoreAsync();
        _server.Handler = _ => FakeReply.Silence();
        using var left = new CancellationTokenSource();
        var search = store.SearchAsync(Space, Scope, North, 0.5f, 5, left.Token).AsTask();
        await _server.NextRequestAsync();
        await left.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(search);
        store.Fault.ShouldBeNull();
    }

    [ContractFact(ContractFolder.Qdrant)]
    public async Task Requests_AreThoseOfThePublishedSpec()
    {
        var store = await StoreAsync();
        await KeepAsync(store, Entry(1, North));
        await SearchAsync(store, North);
        await store.RemoveAsync(Space, Id(1));
        await store.ClearAsync("tenant:tenant");
        await store.ClearAsync("all");
        await Conditions.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(_server.Requests.Any(request => request.BodyText.Contains("lte")));
        });

        foreach (var request in _server.Requests)
        {
            ContractCheck.Qdrant!.Faults(request.Method, request.Path, request.Body.Length > 0 ? request.Json : default).ShouldBeEmpty($"{request.Method} {request.Path} {request.BodyText}");
        }

        _server.Requests.Select(request => request.Path.Split('/')[^1]).ShouldContain("query");
    }

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private SemanticEntry Entry(int number, float[] vector, TimeSpan? time = null) => new(
        Id(number), Space, Scope, $"question {number}", vector,
        new CachedAnswer("""{"answer":"Größe 🌈"}"""u8.ToArray(), "tenant", "model", "prompt", "openai", "gpt", new NanoUsd(17), _time.GetUtcNow() + (time ?? TimeSpan.FromHours(1))));

    private async Task<QdrantStore> StoreAsync()
    {
        var options = new QdrantOptions();
        var client = new QdrantClient(new QdrantAddress(_server.BaseAddress, new Secret(Key)), _transport, _time, _loggers.CreateLogger<QdrantClient>());
        var store = new QdrantStore(client, options, _time, _loggers.CreateLogger<QdrantStore>());
        await store.StartAsync(CancellationToken.None);
        _started.Add(store);
        return store;
    }

    private async Task KeepAsync(QdrantStore store, SemanticEntry entry)
    {
        await store.KeepAsync(entry, () => true);
        await Conditions.HoldsAsync(() => Task.FromResult(_qdrant.Points.ContainsKey(entry.Id.ToString())));
    }

    private static async Task<IReadOnlyList<SemanticCandidate>?> SearchAsync(QdrantStore store, float[] vector) =>
        await store.SearchAsync(Space, Scope, vector, 0.5f, 5, CancellationToken.None);
}
