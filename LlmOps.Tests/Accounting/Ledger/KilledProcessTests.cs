using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Dapper;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>SIGKILL under load: the ledger has every request whose answer a caller has seen to its end, and each once.</summary>
public sealed class KilledProcessTests : IAsyncLifetime
{
    private const int Kills = 5;
    private const int Callers = 8;
    private const int AnswersPerLife = 100;
    private const string Key = "sk-test-administrator";

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private readonly FakeServer _provider = new(FakeOpenAI.Handler(_ => FakeAnswer.Text("Hel", "lo")));
    private readonly ConcurrentQueue<string> _finished = new();
    private int _asked;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _provider.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task GatewayThatIsKilledAgainAndAgain_RecordsWhatCallersSawFinishedOnce()
    {
        for (var life = 1; life <= Kills; life++)
        {
            await using var gateway = await Start().ReadyAsync();
            using var over = new CancellationTokenSource();
            var callers = Task.WhenAll(Enumerable.Range(0, Callers).Select(number => CallAsync(gateway.Http, streaming: number % 2 == 0, over.Token)));
            var goal = _finished.Count + AnswersPerLife;
            await Conditions.HoldsAsync(() => Task.FromResult(_finished.Count >= goal));

            await gateway.KillAsync();

            await over.CancelAsync();
            await callers;
        }

        await using (var last = await Start().ReadyAsync())
        {
            var (usage, pending) = (0L, 1L);
            await Conditions.HoldsAsync(async () =>
            {
                (usage, pending) = await UsageAsync(last.Http);
                return pending == 0 && usage >= _finished.Count && Journal().Length == 0;
            });
            last.Terminate();
            (await last.ExitAsync()).ShouldBe(0);

            var rows = Rows();
            rows.Select(row => row.Id).ShouldBeUnique();
            rows.Select(row => row.RequestId).ShouldBeUnique();
            _finished.Except(rows.Select(row => row.RequestId)).ShouldBeEmpty();
            rows.Where(row => _finished.Contains(row.RequestId)).Select(row => row.Outcome).Distinct().ShouldBe(["ok"]);
            usage.ShouldBe(rows.Count);
        }

        Journal().ShouldBeEmpty();
    }

    private string[] Journal() => Directory.GetFiles(Path.Combine(_folder, "data", "journal"));

    private GatewayProcess Start() => GatewayProcess.Start(
        _folder, ("OPENAI_API_KEY", "sk-test"), ("OPENAI_BASE_URL", new Uri(_provider.BaseAddress, "v1").ToString()), ("LLMOPS_ADMIN_KEY", Key), ("LLM_LOG_LEVEL", "Warning"));

    // Until the process is gone; what was not seen to its end does not count.
    private async Task CallAsync(HttpClient http, bool streaming, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"r-{Interlocked.Increment(ref _asked)}");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent($$"""{"model":"gpt-4o","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""", MediaTypeHeaderValue.Parse("application/json")),
            };
            request.Headers.Add("X-Request-ID", id);
            try
            {
                using var response = await http.SendAsync(request, CancellationToken.None);
                var body = await response.Content.ReadAsStringAsync(CancellationToken.None);
                if (streaming ? body.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal) : body.Contains("\"finish_reason\"", StringComparison.Ordinal))
                {
                    _finished.Enqueue(id);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or System.Net.Sockets.SocketException)
            {
                // It was killed.
                await Task.Yield();
            }
        }
    }

    private static async Task<(long Requests, long Pending)> UsageAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/usage?from=2020-01-01");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var response = await http.SendAsync(request);
        var usage = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        return (usage.GetProperty("total").GetProperty("requests").GetInt64(), usage.GetProperty("pending").GetInt64());
    }

    private List<(string Id, string RequestId, string Outcome)> Rows()
    {
        using var database = SqliteFile.Open(Path.Combine(_folder, "data", "llmops.db"), isExclusive: false);
        return database.Query<(string, string, string)>("SELECT id, request_id, outcome FROM ledger").AsList();
    }
}
