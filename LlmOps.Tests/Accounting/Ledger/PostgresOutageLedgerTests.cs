using System.Net;
using Dapper;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>A real PostgreSQL that ends under load: no request fails, and all of them are recorded when it is back.</summary>
public sealed class PostgresOutageLedgerTests : GatewayTests
{
    private const int Callers = 4;
    private const int Requests = 40;

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PostgresThatEndsUnderLoad_CostsNoRequestAndNoRow(bool killed)
    {
        await using var server = await PostgresServer.StartAsync();
        Gateway.With("Gateway:Storage:ConnectionString", await server.CreateDatabaseAsync()).With("Gateway:Storage:CallTimeout", "500ms");
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hello"));
        await AskAllAsync();
        await Conditions.HoldsAsync(async () => await RowsAsync() == Requests);

        if (killed)
        {
            await server.KillAsync();
        }
        else
        {
            server.Suspend();
        }

        await AskAllAsync();
        Gateway.Services.GetRequiredService<Journal>().Depth.ShouldBe(Requests);
        await Conditions.HoldsAsync(async () => (await Gateway.Http.GetStringAsync("/health")).Contains("the database does not take entries", StringComparison.Ordinal));
        if (killed)
        {
            await server.RestartAsync();
        }
        else
        {
            server.Resume();
        }

        await AskAllAsync();
        await Conditions.HoldsAsync(async () => await RowsAsync() == 3 * Requests);
        await Conditions.HoldsAsync(() => Task.FromResult(Gateway.Services.GetRequiredService<Journal>().Depth == 0));
        (await NumberAsync("SELECT SUM(requests) FROM usage_daily")).ShouldBe(3 * Requests);
        (await NumberAsync("SELECT COUNT(*) FROM ledger_attempts")).ShouldBe(3 * Requests);
    }

    private async Task AskAllAsync() => await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
    {
        for (var request = 0; request < Requests / Callers; request++)
        {
            using var response = await Gateway.CompleteAsync(Request(streaming: caller % 2 == 0));
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await response.Content.ReadAsStringAsync()).ShouldContain("Hello");
        }
    }));

    private Task<long> RowsAsync() => NumberAsync("SELECT COUNT(*) FROM ledger");

    private async Task<long> NumberAsync(string sql)
    {
        try
        {
            return await Gateway.Services.GetRequiredService<IDatabase>().ReadAsync(connection => connection.ExecuteScalarAsync<long>(sql));
        }
        catch (DatabaseException)
        {
            // It is not up yet, or not again.
            return -1;
        }
    }
}
