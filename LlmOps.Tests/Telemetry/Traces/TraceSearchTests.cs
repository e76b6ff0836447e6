using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Gateway.Telemetry.Traces;
using LlmOps.Tests.Accounting.Ledger;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Telemetry.Traces;

/// <summary>Which traces a filter finds, and how pages follow each other.</summary>
public sealed class TraceSearchTests(PostgresFixture postgres) : LedgerTests(postgres)
{
    private static readonly (string Expected, TraceFilter Filter)[] Filters =
    [
        ("g f e d c b a", new()),
        ("c", new() { Tenant = "globex" }),
        ("d", new() { Model = "llama3.2" }),
        ("g e", new() { Prompt = "digest" }),
        ("e", new() { Prompt = "digest", Version = "2" }),
        ("e", new() { Version = "2" }),
        ("e", new() { Variant = "b" }),
        ("g e", new() { Experiment = "shorter" }),
        ("g", new() { Experiment = "shorter", Variant = "a" }),
        ("b", new() { Outcome = "provider_timeout" }),
        ("g f e d c", new() { Outcome = "ok" }),
        ("b a", new() { IsOk = false }),
        ("g f e d c", new() { IsOk = true }),
        ("b", new() { Status = 504 }),
        ("g f e d c", new() { Status = 200 }),
        ("f", new() { MinCost = new NanoUsd(200_000_000) }),
        ("f e", new() { MinCost = new NanoUsd(500_000) }),
        ("g d c b", new() { MaxCost = new NanoUsd(499_999) }),
        ("e", new() { MinCost = new NanoUsd(500_000), MaxCost = new NanoUsd(500_000) }),
        ("f", new() { MinDuration = 12_000_000 }),
        ("f d", new() { MinDuration = 1_000_000 }),
        ("g e c b a", new() { MaxDuration = 999_999 }),
        ("f e", new() { RequestId = "same" }),
        ("g f", new() { From = Entries.At.AddSeconds(5) }),
        ("c b a", new() { Until = Entries.At.AddSeconds(3) }),
        ("e d", new() { From = Entries.At.AddSeconds(3), Until = Entries.At.AddSeconds(5) }),
        ("f", new() { Tenant = "acme", Model = "gpt-4o", MinDuration = 10_000_000, From = Entries.At }),
        ("", new() { Tenant = "globex", Model = "llama3.2" }),
        ("", new() { Tenant = "nobody" }),
    ];

    [Theory, OnSqlite, OnPostgres]
    public async Task Filter_FindsThoseThatFitNewestFirst(string name)
    {
        await UseAsync(name);
        var traces = Seven();
        await StoredTraces.SendAsync(Database, traces);
        var letters = traces.Select((trace, index) => (Id: trace.EventId.ToString(), Letter: "abcdefg"[index])).ToDictionary(pair => pair.Id, pair => pair.Letter);

        foreach (var (expected, filter) in Filters)
        {
            // As many at once as there are, and looks that are shorter than the pages.
            foreach (var search in new[] { new TraceSearch(Database), new TraceSearch(Database, atOnce: 2, times: 4) })
            {
                var page = await search.FindAsync(filter, CancellationToken.None);

                string.Join(' ', page.Traces.Select(row => letters[row.Id])).ShouldBe(expected, filter.ToString());
                page.Next.ShouldBeNull(filter.ToString());
            }
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Row_HasTheNumbers(string name)
    {
        await UseAsync(name);
        var trace = StoredTraces.Of(Entries.Full with { Experiment = "x" });
        await StoredTraces.SendAsync(Database, trace);

        var row = (await new TraceSearch(Database).FindAsync(new(), CancellationToken.None)).Traces.Single();

        (row.Id, row.At, row.RequestId, row.Tenant, row.Model).ShouldBe((trace.EventId.ToString(), Entries.At.ToUnixTimeMilliseconds(), "r-1", "acme", "gpt-4o"));
        (row.Prompt, row.PromptVersion, row.Variant, row.Experiment).ShouldBe(("summarizer", "2", "b", "x"));
        (row.Outcome, row.Status, row.Cache, row.CostNano, row.InputTokens, row.OutputTokens, row.DurationUs).ShouldBe(("ok", 200, "miss", 150_000, 20, 10, 12_345));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Pages_HaveNoGapsAndNoRepeatsWhileTracesAreAdded(string name)
    {
        await UseAsync(name);
        var first = Enumerable.Range(0, 25).Select(number => StoredTraces.Of($"r-{number:00}", Entries.At.AddMilliseconds(number / 3))).ToArray<TelemetryEvent>();
        await StoredTraces.SendAsync(Database, first);
        var search = new TraceSearch(Database);
        List<string> seen = [];
        Guid? after = null;
        var pages = 0;
        do
        {
            var page = await search.FindAsync(new TraceFilter { Limit = 4, After = after, Tenant = "acme" }, CancellationToken.None);
            seen.AddRange(page.Traces.Select(row => row.Id));
            after = page.Next is null ? null : Guid.Parse(page.Next);
            pages++;
            await StoredTraces.SendAsync(Database, StoredTraces.Of("new", Entries.At.AddSeconds(pages)));
        }
        while (after is not null);

        seen.ShouldBe(first.Select(trace => trace.EventId.ToString()).OrderDescending(StringComparer.Ordinal));
        pages.ShouldBe(7);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task PageThatIsExactlyFull_IsTheLastOne(string name)
    {
        await UseAsync(name);
        await StoredTraces.SendAsync(Database, Seven());

        var page = await new TraceSearch(Database).FindAsync(new TraceFilter { Limit = 7 }, CancellationToken.None);

        page.Traces.Count.ShouldBe(7);
        page.Next.ShouldBeNull();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WhatIsSeldom_IsLookedForInSomeTracesAtATime(string name)
    {
        await UseAsync(name);
        await StoredTraces.SendAsync(Database, Seven());
        var (search, filter) = (new TraceSearch(Database, atOnce: 2, times: 1), new TraceFilter { Version = "2" });

        var first = await search.FindAsync(filter, CancellationToken.None);
        var second = await search.FindAsync(filter with { After = Guid.Parse(first.Next!) }, CancellationToken.None);

        first.Traces.ShouldBeEmpty();
        second.Traces.Single().PromptVersion.ShouldBe("2");
        second.Next.ShouldNotBeNull();
    }

    // One second after the other.
    private static RequestTrace[] Seven() =>
    [
        Failed(Made("a", 0), "provider_error", 502, cost: null),
        Failed(Made("b", 1), "provider_timeout", 504, cost: new NanoUsd(0)),
        Made("c", 2, entry => entry with { Tenant = "globex" }),
        Made("d", 3, entry => entry with { Model = "llama3.2", DurationMs = 1_000 }),
        Made("same", 4, entry => entry with { Prompt = "digest", PromptVersion = "2", Experiment = "shorter", Variant = "b", Cost = new NanoUsd(500_000) }),
        Made("same", 5, entry => entry with { DurationMs = 12_000, Cost = new NanoUsd(200_000_000) }),
        Made("g", 6, entry => entry with { Prompt = "digest", PromptVersion = "1", Experiment = "shorter", Variant = "a" }),
    ];

    private static RequestTrace Made(string requestId, int second, Func<Gateway.Accounting.Ledger.LedgerEntry, Gateway.Accounting.Ledger.LedgerEntry>? change = null)
    {
        var entry = Entries.Of(requestId, Entries.At.AddSeconds(second));
        return StoredTraces.Of(change is null ? entry : change(entry));
    }

    private static RequestTrace Failed(RequestTrace trace, string outcome, int status, NanoUsd? cost) =>
        trace with { Request = trace.Request with { Outcome = outcome, Cost = cost }, Status = status };
}
